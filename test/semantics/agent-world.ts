// The schedule loop and the runs of an agent, with any number of tasks, on a clock that is moved by hand.
import type { AgentEventMap } from '../../agent/agent-events.js';
import type { ClaimOrder } from '../../agent/claims/claim-writer.js';
import type { LaunchRequest } from '../../agent/runner/runner.js';
import { RunAsPolicy } from '../../agent/runs/run-as.js';
import { Runs } from '../../agent/runs/runs.js';
import { ClaimLead } from '../../agent/schedule-loop/claim-lead.js';
import type { LoadedTask } from '../../agent/schedule-loop/loaded-task.js';
import { ScheduleLoop } from '../../agent/schedule-loop/schedule-loop.js';
import { newSlot, type Slot } from '../../agent/schedule-loop/slot.js';
import { TimerQueue } from '../../agent/schedule-loop/timer-queue.js';
import { UnclaimedStarts } from '../../agent/schedule-loop/unclaimed-starts.js';
import { AttemptDirectories } from '../../agent/spool/attempt-directories.js';
import { Emitter, type FakeClock, type Instant, silentLogger } from '../../base/index.js';
import { type CoordinationSession, decodeTriggerRecord, type TriggerRecord } from '../../coordination/index.js';
import { compileSchedules, type RunReport, type TaskSpec, taskPolicy } from '../../manifests/index.js';
import { type Fate, MemoryJournal, RecordRegister, ScriptedRunner } from './ports.js';

export interface AgentWorldOptions {
  /** For the directories of attempts; exists. */
  readonly directory: string;
  readonly clock: FakeClock;
  /** `index` counts processes from 0 in the order of their starts. */
  readonly fate: (index: number, request: LaunchRequest) => Fate;
  /** Of the agent; no limit unless given. */
  readonly maxRunning?: number | undefined;
}

/** A task that the agent owns. */
export interface OwnedTask {
  readonly task: LoadedTask;
  readonly slot: Slot;
  readonly register: RecordRegister;
}

/** As long as the time-out between two looks of an agent at a block (claims/block-check.ts). */
const BLOCK_LOOKS_MS = 750;

export class AgentWorld {
  /** Everything that was reported, in its order. */
  readonly reports: RunReport[] = [];
  readonly runner: ScriptedRunner;
  readonly runs: Runs;
  readonly loop: ScheduleLoop;
  private readonly clock: FakeClock;
  private readonly timers: TimerQueue;
  private readonly directories: AttemptDirectories;
  /** By the path of its record. */
  private readonly owned = new Map<string, OwnedTask>();
  private manual = 0;

  constructor({ directory, clock, fate, maxRunning }: AgentWorldOptions) {
    this.clock = clock;
    this.timers = new TimerQueue(clock);
    this.directories = new AttemptDirectories(directory, clock, silentLogger);
    this.runner = new ScriptedRunner(clock, fate);
    const reports = { put: (report: RunReport) => void this.reports.push(report) };
    const shared = {
      agent: 'a1',
      clock,
      log: silentLogger,
      timers: this.timers,
      journal: new MemoryJournal(),
      reports,
    };
    this.runs = new Runs({
      ...{ ...shared, bootId: 'boot', runner: this.runner, directories: this.directories, maxRunning },
      shipper: { add: () => undefined, end: () => undefined },
      launch: {
        ...{ platform: {} as never, baseEnv: {}, outputMaxBytes: 1, runAs: new RunAsPolicy([], clock) },
        ...{ secrets: { get: () => undefined, isMissing: () => false }, masks: { write: () => undefined } as never },
      },
      events: new Emitter<AgentEventMap>(),
      requestClaim: (run) => this.loop.request(run),
      taken: () => undefined,
      stillBlocked: ({ taskUid }) => this.stillBlocked(taskUid),
      isCutOff: () => false,
      slotFreed: (key, unused) => this.loop.freed(key, unused),
    });
    const withRuns = { ...shared, runs: this.runs };
    this.loop = new ScheduleLoop({
      ...withRuns,
      claims: { claim: (order: ClaimOrder) => this.owned.get(order.path)!.register.claim(order) },
      lead: new ClaimLead(),
      mayClaim: () => !this.runs.places.isCrowded,
      unclaimed: new UnclaimedStarts({ ...withRuns, session: this.session(), mayStart: () => false }),
      recordMoved: (slot) => this.timers.add(clock.now(), () => this.look(this.owned.get(slot.path)!)),
    });
    this.runs.start();
  }

  /** The leader gives the task to the agent. */
  own(name: string, spec: TaskSpec, record: Partial<TriggerRecord> = {}): OwnedTask {
    const task = loadedTask(name, spec);
    const register = new RecordRegister(this.clock, {
      ...{ owner: 'a1', ownerEpoch: 2, revision: task.generation, suspended: false },
      ...{ cursor: this.clock.now(), attempt: 0, claimId: '', blockedBy: null, ...record },
    });
    const entry = { taskUid: task.uid, slot: '', revision: task.generation, ownerEpoch: 2, suspended: false };
    const owned = { task, register, slot: newSlot(entry, name) };
    this.owned.set(name, owned);
    this.look(owned);
    return owned;
  }

  /** As the allocation list tells an agent to. */
  look({ slot, task, register }: OwnedTask): void {
    if ((slot.known?.version ?? 0) < register.current.version) this.loop.adopt(slot, register.current);
    this.loop.ready(slot, task, slot.known ?? register.current);
  }

  /** Somebody asks for a run. Returns its name. */
  startManual({ task, slot }: OwnedTask): string {
    this.manual += 1;
    const uid = `manual-${this.manual}`;
    const { namespace, name, uid: taskUid, generation: revision } = task;
    const names = { uid, name: uid, manualId: uid, namespace, task: name };
    this.loop.startManual({ ...names, taskUid, slot: '', revision, trigger: 'Manual' }, slot.key);
    return uid;
  }

  async advanceTo(at: Instant): Promise<void> {
    await this.clock.advance(at - this.clock.now());
  }

  end(): void {
    this.runs.stop();
    this.timers.stop();
    this.directories.stop();
  }

  /** For what the loop writes beside claims. */
  private session(): CoordinationSession {
    const setData = async (path: string, data: Uint8Array, version: number) =>
      this.owned.get(path)!.register.set(decodeTriggerRecord(data), version);
    return { current: { setData } } as unknown as CoordinationSession;
  }

  private async stillBlocked(taskUid: string): Promise<boolean> {
    await this.clock.sleep(BLOCK_LOOKS_MS);
    const owned = [...this.owned.values()].find(({ task }) => task.uid === taskUid);
    return owned?.register.current.record.blockedBy !== null;
  }
}

function loadedTask(name: string, spec: TaskSpec): LoadedTask {
  const uid = `uid-of-${name}`;
  return {
    task: { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name, namespace: 'default' }, spec },
    ...{ uid, generation: 1, namespace: 'default', name },
    schedules: compileSchedules(spec, uid),
    policy: taskPolicy(spec),
  };
}

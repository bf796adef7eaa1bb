// One simulated run of an installation: a seed decides what its machines, its network and its user do. Quiet, faults,
// healing; then everything must be accounted for.

import { type Clock, isCloudTaskError } from '../../base/index.js';
import { openSqliteStore } from '../../center/store/index.js';
import type { Run } from '../../manifests/index.js';
import { allocationEvidence } from '../chaos/allocation-evidence.js';
import { type Acknowledged, type ApiRun, recordedRun } from '../chaos/center-api.js';
import { check } from '../chaos/checker.js';
import type { Finding } from '../chaos/findings.js';
import type { AgentFault, History, RecordedRun, Stretch } from '../chaos/history.js';
import { Operator } from '../chaos/operator.js';
import { declarations, manifest } from '../chaos/population.js';
import { course, type Fault, inflict } from './faults.js';
import { CLOCK_ERROR_MS, InvariantError, Invariants } from './invariants.js';
import { EPOCH_MS, Kernel, kernel } from './kernel.js';
import { Random } from './random.js';
import { request } from './replaced/center-client.js';
import { clockOf } from './world/clock.js';
import { databaseServer } from './world/database-server.js';
import { CENTERS, Installation, urlOf } from './world/installation.js';
import { logOf, type Say } from './world/log.js';
import { simulatedManifest } from './world/task-program.js';
import { elections, transactions } from './world/transactions.js';

export interface SimulationOptions {
  readonly seed: number;
  /** Instead of a course drawn from the seed. */
  readonly faults?: readonly Fault[];
  /** The log of all processes, for those who look into a seed. */
  readonly say?: Say;
}

/** What the checker of the chaos test finds, and what only a simulation sees. */
export interface SimulationFinding {
  readonly check:
    | Finding['check']
    /** One of X1 to X9, as soon as it does not hold. */
    | 'invariant'
    /** The course of the simulation did not come to its end in time. */
    | 'standstill';
  readonly detail: string;
}

export interface SimulationResult {
  readonly seed: number;
  readonly findings: readonly SimulationFinding[];
  readonly timePoints: number;
  readonly ran: number;
  readonly notRun: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** When the course of faults began, ms since the start. */
  readonly faultsBegan: number;
  /** Who came to lead when, ms since the start. */
  readonly elections: readonly { readonly at: number; readonly center: string }[];
  readonly events: number;
  /** Virtual length, ms. */
  readonly elapsedMs: number;
  /** Changes with anything that any process, znode or row did: two runs of a seed must agree. */
  readonly fingerprint: string;
  /** What the checker was given; undefined when it came to nothing. */
  readonly history: History | undefined;
}

const TASKS = 8;
/** Length of the course of faults. */
const LENGTH_MS = 40_000;
const SETTLE_MS = 6_000;
const HEAL_MS = 12_000;
const QUIET_MS = 3_000;
const ACCOUNT_EVERY_MS = 5_000;
/** lostAfter, the audit behind it, agents that were away: liveness is lost when it takes longer. */
const ACCOUNT_MAX_MS = 180_000;
const RETRY_MS = 300;
/** Nothing of all that takes this long. */
const LONGEST_MS = 600_000;
const CLUSTER = { lostAfter: '15s', rebalance: 'Manual' };

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const sim = new Kernel(options.seed);
  const installation = new Installation(options.say);
  const run = new SimulatedRun(options, installation);
  try {
    installation.start();
    const user = installation.machines.get('user')!.start('user');
    let over = false;
    sim.schedule(1, user.process, () => {
      run.run().then(
        () => {
          over = true;
        },
        (error: unknown) => sim.fail(error),
      );
    });
    await sim.run(LONGEST_MS, () => over);
    if (!over) run.findings.push({ check: 'standstill', detail: 'the simulation came to a standstill' });
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    run.findings.push({ check: 'invariant', detail: error.message });
    run.breakOff();
  } finally {
    await installation.dispose();
  }
  return run.result();
}

class SimulatedRun {
  readonly findings: SimulationFinding[] = [];
  private readonly options: SimulationOptions;
  private readonly installation: Installation;
  private readonly random = kernel().random.fork();
  private readonly clock: Clock = clockOf('user');
  private readonly counts: Record<string, number> = {};
  private readonly stable: Stretch[] = [];
  private readonly agentFaults: AgentFault[] = [];
  private readonly operator: Operator;
  private figures: Pick<SimulationResult, 'timePoints' | 'ran' | 'notRun'> = { timePoints: 0, ran: 0, notRun: {} };
  private lastHistory: History | undefined;

  constructor(options: SimulationOptions, installation: Installation) {
    this.options = options;
    this.installation = installation;
    this.operator = new Operator({
      insist: (method, path, body) => this.insist(method, path, body),
      now: () => this.clock.now(),
      elapse: (ms, signal) => this.clock.sleep(ms, signal).catch(() => undefined), // told to stop
      manifest: (declaration, as, suspend) =>
        simulatedManifest(manifest(declaration, as, '', suspend), declaration, as),
      say: (line) => this.tell(line),
    });
    const forbidden = new Set(
      declarations(TASKS).flatMap((each) => (each.concurrency === 'Forbid' ? [each.name] : [])),
    );
    const { witnesses } = installation;
    const invariants = new Invariants((task) => forbidden.has(task.split('#')[0]!));
    witnesses.onStart = (start) => invariants.started(start, witnesses.alive.values());
  }

  async run(): Promise<void> {
    const cluster = { apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' }, spec: CLUSTER };
    await this.insist('POST', '/apply', { objects: [cluster] });
    await this.operator.declare(declarations(TASKS));
    await this.clock.sleep(SETTLE_MS);
    const from = this.clock.now();
    await this.quiet();
    await this.faults(this.options.faults ?? course(this.random, LENGTH_MS));
    await this.operator.settle();
    this.tell('healed');
    await this.clock.sleep(HEAL_MS);
    const window = { from, to: this.clock.now() - 1000 };
    await this.account(window);
    await this.quiet();
    this.judge(this.history(window, await this.records()));
  }

  result(): SimulationResult {
    const { seed } = this.options;
    const { elapsed, events } = kernel();
    return {
      ...{
        seed,
        findings: this.findings,
        ...this.figures,
        faults: this.counts,
        events,
        elapsedMs: Math.round(elapsed),
      },
      faultsBegan: this.faultsBegan,
      elections: elections().map(({ at, center }) => ({ at: at - EPOCH_MS, center })),
      history: this.lastHistory,
      fingerprint: fingerprint(this.installation, this.lastHistory, events),
    };
  }

  private faultsBegan = 0;

  private async faults(faults: readonly Fault[]): Promise<void> {
    this.faultsBegan = kernel().elapsed;
    const over = new AbortController();
    const seeds = new Random(this.random.integer(0, 1e9));
    const user = this.options.faults === undefined ? this.operator.meddle(() => seeds.next(), over.signal) : undefined;
    for (const fault of faults) {
      kernel().schedule(fault.at, undefined, () => {
        this.counts[fault.kind] = (this.counts[fault.kind] ?? 0) + 1;
        if (fault.kind.startsWith('agent')) this.agentFaults.push({ agent: fault.target, at: this.clock.now() });
        this.tell(`fault ${fault.kind} ${fault.target} for ${fault.forMs} ms`);
        const mend = inflict(this.installation, fault);
        kernel().schedule(fault.forMs, undefined, () => {
          mend();
          this.tell(`fault ${fault.kind} ${fault.target} over`);
        });
      });
    }
    await this.clock.sleep(LENGTH_MS);
    over.abort();
    await user;
  }

  /** Nothing is done to anything: no allocation may be written (invariant X6). */
  private async quiet(): Promise<void> {
    const from = this.clock.now();
    await this.clock.sleep(QUIET_MS);
    this.stable.push({ from, to: this.clock.now() });
  }

  /** Until every time point is accounted for, or the time for that is over. */
  private async account(window: Stretch): Promise<void> {
    const deadline = this.clock.now() + ACCOUNT_MAX_MS;
    for (;;) {
      const { findings } = check(this.history(window, await this.records()));
      const waiting = findings.some(({ check }) => ['missing', 'unrecorded-run', 'still-open'].includes(check));
      if (!waiting || this.clock.now() >= deadline) return;
      await this.clock.sleep(ACCOUNT_EVERY_MS);
    }
  }

  private judge(history: History): void {
    const { findings, figures } = check(history);
    this.lastHistory = history;
    this.findings.push(...findings);
    this.figures = { timePoints: figures.timePoints, ran: figures.ran, notRun: figures.notRun };
  }

  /** What is known when an invariant was broken: the rows stay unread. */
  breakOff(): void {
    this.lastHistory = this.history({ from: 0, to: this.clock.now() }, []);
  }

  private history(window: Stretch, records: readonly RecordedRun[]): History {
    const { witnesses } = this.installation;
    const evidence = allocationEvidence(transactions());
    return {
      window,
      tasks: this.operator.declared(evidence.versions),
      starts: witnesses.starts,
      ends: witnesses.ends,
      records,
      ...evidence,
      stable: this.stable,
      agentFaults: this.agentFaults,
      outputs: [],
      clockErrorMs: CLOCK_ERROR_MS,
    };
  }

  /** Read beside the API: its pages would only make it slower. */
  private async records(): Promise<RecordedRun[]> {
    const log = logOf('user/store', this.options.say);
    const store = openSqliteStore({ path: databaseServer().path, clock: this.clock, log });
    await store.start(new AbortController().signal);
    const { items } = await store.list<Run>('Run', { namespace: 'default' });
    await store.stop();
    return items.map((item) => recordedRun(item as unknown as ApiRun));
  }

  /** As a person with a command line does: again, at the other center, until it is taken. */
  private async insist<T>(method: string, path: string, body?: unknown): Promise<Acknowledged<T>> {
    const invoked = this.clock.now();
    for (let attempt = 0; ; attempt++) {
      const url = urlOf(CENTERS[attempt % CENTERS.length]!);
      try {
        const text = await request(url, method, path, body === undefined ? undefined : structuredClone(body));
        return { answer: JSON.parse(text) as T, invoked, acknowledged: this.clock.now() };
      } catch (error) {
        // The first try may have been applied although its answer was lost.
        if (method === 'DELETE' && isCloudTaskError(error, 'CT_NOT_FOUND') && attempt > 0) {
          return { answer: undefined as T, invoked, acknowledged: this.clock.now() };
        }
        if (isCloudTaskError(error, 'CT_BAD_REQUEST', 'CT_NOT_FOUND')) throw error;
      }
      await this.clock.sleep(RETRY_MS);
    }
  }

  private tell(line: string): void {
    this.options.say?.(`${kernel().elapsed.toFixed(2).padStart(10)} ${line}`);
  }
}

/** FNV-1a over what was seen. */
function fingerprint(installation: Installation, history: History | undefined, events: number): string {
  const { starts, ends } = installation.witnesses;
  const text = JSON.stringify([events, starts, ends, history?.records, history?.versions], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

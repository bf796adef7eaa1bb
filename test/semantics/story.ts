// Tells a story of one task with the schedule loop and the runs that an agent has, on a clock that is moved by hand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchRequest } from '../../agent/runner/runner.js';
import { FakeClock, type Instant } from '../../base/index.js';
import type { RunReport, TaskSpec } from '../../manifests/index.js';
import { AgentWorld } from './agent-world.js';
import type { Fate, ProcessRecord } from './ports.js';

export interface StoryEvent {
  readonly at: Instant;
  /** unblock: the run of the former owner has ended. manual: somebody asks for a run. other: somebody asks for one of another
   * task of the agent. */
  readonly what: 'suspend' | 'resume' | 'unblock' | 'manual' | 'other';
}

export interface Story {
  readonly spec: TaskSpec;
  /** When the agent takes the slot over, and the latest time point that was consumed by then. */
  readonly from: Instant;
  readonly cursor: Instant;
  /** A run of the former owner may be alive. */
  readonly blocked: boolean;
  readonly events: readonly StoryEvent[];
  readonly until: Instant;
  /** Of the agent; no limit unless given. */
  readonly maxRunning: number | undefined;
  /** `index` counts processes of the task from 0 in the order of their starts. */
  readonly fate: (index: number, request: LaunchRequest) => Fate;
  /** Of processes of the other task. */
  readonly otherMs: number;
}

/** Of the task that the story is about. */
export interface Told {
  /** In their order. */
  readonly reports: readonly RunReport[];
  readonly processes: readonly ProcessRecord[];
  readonly cursor: Instant;
}

const NAME = 'story';
const OTHER = 'other';

export async function tell(story: Story): Promise<Told> {
  const directory = await mkdtemp(join(tmpdir(), 'ctask-story-'));
  try {
    return await tellIn(directory, story);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function tellIn(directory: string, story: Story): Promise<Told> {
  const clock = new FakeClock(story.from);
  let started = 0;
  const fate = (_index: number, request: LaunchRequest): Fate => {
    if (request.env.CTASK_TASK === OTHER) return { ms: story.otherMs, exitCode: 0 };
    started += 1;
    return story.fate(started - 1, request);
  };
  const world = new AgentWorld({ directory, clock, fate, maxRunning: story.maxRunning });
  const other = world.own(OTHER, { schedules: [], run: { command: ['true'] } });
  const owned = world.own(NAME, story.spec, { cursor: story.cursor, blockedBy: story.blocked ? 'former' : null });
  for (const { at, what } of [...story.events].sort((a, b) => a.at - b.at)) {
    await world.advanceTo(at);
    if (what === 'manual') world.startManual(owned);
    else if (what === 'other') world.startManual(other);
    else if (what === 'unblock') owned.register.change({ blockedBy: null });
    else {
      owned.register.change({ suspended: what === 'suspend' });
      world.look(owned);
    }
  }
  await world.advanceTo(story.until);
  world.end();
  const reports = world.reports.filter(({ task }) => task === NAME);
  const ours = new Set(reports.map(({ uid }) => uid));
  const processes = world.runner.processes.filter(({ runUid }) => ours.has(runUid));
  return { reports, processes, cursor: owned.register.current.record.cursor };
}

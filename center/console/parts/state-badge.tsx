// A state as a word with a sign: nobody has to tell colours apart.
import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  SkipForward,
  TriangleAlert,
} from 'lucide-react';
import { stateWords } from '../text/state-words.js';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'calm' | 'lost';

const STATES: Readonly<Record<string, readonly [Tone, LucideIcon]>> = {
  // of runs
  Succeeded: ['good', CircleCheck],
  Failed: ['bad', CircleX],
  TimedOut: ['bad', Clock],
  Cancelled: ['calm', CircleSlash],
  Running: ['busy', LoaderCircle],
  Pending: ['calm', CircleDashed],
  Queued: ['calm', CircleDashed],
  Skipped: ['warn', SkipForward],
  Missed: ['warn', TriangleAlert],
  Lost: ['lost', CircleHelp],
  // of tasks
  Active: ['good', CircleDot],
  Complete: ['calm', CircleCheck],
  Suspended: ['calm', CirclePause],
  Degraded: ['bad', TriangleAlert],
  Unallocated: ['warn', TriangleAlert],
  Terminating: ['calm', CircleSlash],
  // of agents and clusters
  Ready: ['good', CircleCheck],
  NotReady: ['bad', CircleX],
  SchedulingDisabled: ['warn', CirclePause],
  Draining: ['warn', LoaderCircle],
  Drained: ['warn', CirclePause],
  NoAgents: ['bad', TriangleAlert],
  MovesStopped: ['warn', TriangleAlert],
  // of notifiers and what they tell
  Failing: ['bad', CircleX],
  Waiting: ['calm', CircleDashed],
  Sent: ['good', CircleCheck],
  GivenUp: ['bad', CircleSlash],
  // of events
  Normal: ['calm', CircleDot],
  Warning: ['warn', TriangleAlert],
};

export function toneOf(state: string): Tone {
  return STATES[state]?.[0] ?? 'calm';
}

export function StateBadge({ state }: { readonly state: string }) {
  const [tone, Icon] = STATES[state] ?? (['calm', CircleHelp] as const);
  const words = stateWords(state);
  return (
    <span
      className={`state ${tone}${state === 'Running' ? ' turning' : ''}`}
      // What a selector or a script calls it.
      title={words === state ? undefined : state}
    >
      <Icon aria-hidden />
      {words}
    </span>
  );
}

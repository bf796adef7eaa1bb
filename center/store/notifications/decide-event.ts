// Which event one entry is told of when a run has ended: a pure function of the entry and of what has been lately.
import { parseDuration } from '../../../base/index.js';
import type { RunEvent, RunNotify } from '../../../manifests/index.js';

/** Of entries that say nothing else: more changes than this within the window are too many. */
const CHANGES = 5;
const WINDOW_MS = 3_600_000;
/** What is not told while a task changes to and fro. */
const STATES: readonly RunEvent[] = ['Failed', 'Missed', 'Lost', 'Recovered'];

export interface RunHistory {
  /** How the run ended. */
  readonly event: 'Failed' | 'Missed' | 'Lost' | 'Succeeded';
  /** Runs in a row that did not succeed, with this one, or before this one when it succeeded. */
  readonly failures: number;
  /** When the task changed between failing and succeeding, ms; with this run, if it does. */
  readonly changes: readonly number[];
  /** This run is a change. */
  readonly changed: boolean;
  /** When the run ended, ms. */
  readonly now: number;
}

/** What an entry was told of the failures in a row, and of too many changes. */
export interface Told {
  readonly failures: ReadonlySet<string>;
  readonly flapping: ReadonlySet<string>;
}

export interface Decision {
  readonly event?: RunEvent | 'Flapping';
  /** Changes within a window, when they are what is told, or when they have come to an end. */
  readonly changes?: { readonly count: number; readonly windowMs: number };
  /** What the entry has been told from now on; unset: as before. */
  readonly failures?: true;
  readonly flapping?: boolean;
}

/** The same after an edit that leaves whom it tells. */
export function entryKey({ notifier, to, after }: RunNotify): string {
  return JSON.stringify([notifier, [...(to ?? [])].sort(), after ?? 1]);
}

export function decideEvent(entry: RunNotify, history: RunHistory, told: Told): Decision {
  const wants = (event: RunEvent) => entry.on?.includes(event) === true;
  const succeeded: Decision = wants('Succeeded') && history.event === 'Succeeded' ? { event: 'Succeeded' } : {};
  if ((entry.after ?? 1) > 1) return escalated(entry, history, told) ?? succeeded;
  const recovered = history.event === 'Succeeded' && history.failures > 0;
  const event = recovered && wants('Recovered') ? 'Recovered' : history.event;
  const plain: Decision = wants(event) ? { event } : succeeded;
  const most = entry.flapping?.changes ?? CHANGES;
  if (most === 0 || !STATES.some(wants)) return plain;
  const windowMs = parseDuration(entry.flapping?.window ?? '') ?? WINDOW_MS;
  const count = history.changes.filter((time) => time > history.now - windowMs).length;
  const changes = { count, windowMs };
  if (!told.flapping.has(entryKey(entry))) {
    if (!history.changed || count <= most) return plain;
    return { event: 'Flapping', changes, flapping: true };
  }
  if (count > (history.changed ? 1 : 0)) return succeeded;
  // It has been as it is for a whole window: told of what that is.
  if (history.changed) return { ...plain, flapping: false };
  if (history.event !== 'Succeeded') return { ...plain, changes, flapping: false };
  return { ...(wants('Recovered') ? { event: 'Recovered' as const } : succeeded), changes, flapping: false };
}

/** From so many failures in a row on, and once; undefined when there is nothing of this to tell. */
function escalated(entry: RunNotify, { event, failures }: RunHistory, told: Told): Decision | undefined {
  const known = told.failures.has(entryKey(entry));
  if (event === 'Succeeded') return known && entry.on?.includes('Recovered') ? { event: 'Recovered' } : undefined;
  if (known || failures < (entry.after ?? 1) || !entry.on?.includes(event)) return {};
  return { event, failures: true };
}

// What became of the runs of a story, in the words of `ctask get runs`.
import { isFinal, type RunReport } from '../../manifests/index.js';
import type { Told } from './story.js';

export interface RunStory {
  /** Time point, ms, or the name of a run on demand. */
  readonly point: number | string;
  readonly reports: readonly RunReport[];
}

/** Time points in order, then runs on demand. */
export function runsOf({ reports }: Told): RunStory[] {
  const byUid = new Map<string, RunReport[]>();
  for (const report of reports) {
    const before = byUid.get(report.uid);
    if (before === undefined) byUid.set(report.uid, [report]);
    else before.push(report);
  }
  const runs = [...byUid.values()].map((all) => ({ point: all[0]!.scheduledTime ?? all[0]!.name, reports: all }));
  return runs.sort((a, b) => order(a.point) - order(b.point));
}

const order = (point: number | string): number => (typeof point === 'number' ? point : Number.POSITIVE_INFINITY);

export function clockOf(time: number): string {
  const text = new Date(time).toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

export function wordsOf(run: RunStory): string {
  const last = run.reports.at(-1)!;
  const steps: string[] = [];
  for (const [index, { startTime, endTime, state }] of last.attempts.entries()) {
    steps.push(...waitsBefore(run, index));
    const span = `${clockOf(Date.parse(startTime ?? ''))}–${endTime === undefined ? '' : clockOf(Date.parse(endTime))}`;
    steps.push(`${span} ${state}`);
  }
  steps.push(...waitsBefore(run, last.attempts.length));
  const ended = last.attempts.at(-1);
  if (!isFinal(last.state) || ended?.state !== last.state) steps.push(last.state);
  const reason = last.reason === undefined || last.reason === 'ExitCode' ? '' : ` (${last.reason})`;
  return `${last.trigger === 'CatchUp' ? 'CatchUp: ' : ''}${steps.join(', ')}${reason}`;
}

/** For what the run has waited when so many of its attempts had been made. */
function waitsBefore({ reports }: RunStory, attempts: number): string[] {
  const waits = reports.filter((report) => report.state === 'Queued' && report.attempts.length === attempts);
  return [...new Set(waits.map(({ reason }) => reason ?? 'Queued'))];
}

// Holds each process against the time point it says it was started for.
import { WITNESS_PRECISION_MS } from './blind-matching.js';
import { type Expectation, expectations } from './expectations.js';
import { type Finding, nameOf } from './findings.js';
import type { DeclaredTask, History, WitnessStart } from './history.js';

export function attributedMatching(history: History): Finding[] {
  return history.tasks.flatMap((task) => {
    const starts = history.starts.filter(({ task: id, point }) => id === task.id && point <= history.window.to);
    const expected = expectations(task, { from: 0, to: history.window.to });
    return [
      ...starts.flatMap((start) => judge(task, start, expected, history.clockErrorMs ?? 0)),
      ...startedTwice(task, starts),
      ...(task.concurrency === 'Forbid' ? overlaps(task, starts, history) : []),
    ];
  });
}

function judge(
  task: DeclaredTask,
  start: WitnessStart,
  expected: ReadonlyMap<number, Expectation>,
  clockErrorMs: number,
): Finding[] {
  const findings: Finding[] = [];
  const name = nameOf(task.id, start.point);
  const kind = expected.get(start.point);
  if (kind === undefined) findings.push({ check: 'unexpected-time-point', detail: `${name}: not due` });
  if (kind === 'skip') findings.push({ check: 'unexpected-time-point', detail: `${name}: ran while suspended` });
  if (start.time < start.point - WITNESS_PRECISION_MS - clockErrorMs) {
    findings.push({ check: 'started-early', detail: `${name}: ${start.point - start.time} ms before` });
  }
  if (start.attempt > task.retries + 1) {
    findings.push({ check: 'too-many-attempts', detail: `${name}: attempt ${start.attempt}` });
  }
  return findings;
}

function startedTwice(task: DeclaredTask, starts: readonly WitnessStart[]): Finding[] {
  const seen = new Map<string, WitnessStart>();
  const findings: Finding[] = [];
  for (const start of starts) {
    const key = `${start.point}/${start.attempt}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, start);
    else {
      const who = [first, start].map(
        ({ agent, pid, time }) => `${agent} pid ${pid} at ${new Date(time).toISOString()}`,
      );
      findings.push({
        check: 'started-twice',
        detail: `${nameOf(task.id, start.point)} attempt ${start.attempt}: ${who.join(', ')}`,
      });
    }
  }
  return findings;
}

function overlaps(task: DeclaredTask, starts: readonly WitnessStart[], history: History): Finding[] {
  const ends = new Map(history.ends.map((end) => [`${end.run}/${end.attempt}/${end.pid}`, end.time]));
  const findings: Finding[] = [];
  let alive: { start: WitnessStart; end: number } | undefined;
  for (const start of [...starts].sort((a, b) => a.time - b.time)) {
    // A process that never said that it ended was killed; nothing is known of its length.
    const end = ends.get(`${start.run}/${start.attempt}/${start.pid}`) ?? start.time;
    if (alive !== undefined && start.time < alive.end - WITNESS_PRECISION_MS) {
      findings.push({
        check: 'overlap',
        detail: `${nameOf(task.id, start.point)} on ${start.agent} began ${alive.end - start.time} ms before the end of ${nameOf(task.id, alive.start.point)} on ${alive.start.agent}`,
      });
    }
    if (alive === undefined || end > alive.end) alive = { start, end };
  }
  return findings;
}

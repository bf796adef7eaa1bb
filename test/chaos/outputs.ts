// What the processes wrote against what the center keeps of it, byte for byte.
import { type Finding, nameOf } from './findings.js';
import { groupBy } from './group-by.js';
import type { History, StoredOutput } from './history.js';

/** An attempt whose process said what it wrote, and whose run is recorded and not deleted with its task. */
export interface Written {
  readonly task: string;
  readonly point: number;
  readonly run: string;
  /** Of the run, in the API. */
  readonly name: string;
  readonly attempt: number;
  readonly sha256: string;
}

export function written({ tasks, starts, ends, records }: Omit<History, 'outputs'>): Written[] {
  const kept = new Set(tasks.filter(({ deleted }) => deleted === undefined).map(({ id }) => id));
  const names = new Map(records.map(({ uid, name }) => [uid, name]));
  const said = new Map(ends.map((end) => [`${end.run}/${end.attempt}/${end.pid}`, end.output]));
  const all = groupBy(starts, ({ run, attempt }) => `${run}/${attempt}`);
  return [...all.values()].flatMap(([start, ...others]) => {
    // Two processes of one attempt are a finding of their own, and of their output nothing is promised.
    if (start === undefined || others.length > 0 || !kept.has(start.task)) return [];
    const { task, point, run, attempt, pid } = start;
    const name = names.get(run);
    const sha256 = said.get(`${run}/${attempt}/${pid}`);
    return name === undefined || sha256 === undefined ? [] : [{ task, point, run, name, attempt, sha256 }];
  });
}

export function outputCheck(history: History): Finding[] {
  const stored = new Map(history.outputs.map((output) => [keyOf(output), output]));
  return written(history).flatMap((attempt) => {
    const found = stored.get(keyOf(attempt));
    if (found === undefined || found.sha256 === attempt.sha256) return [];
    const name = `${nameOf(attempt.task, attempt.point)}: attempt ${attempt.attempt}`;
    return [{ check: 'output-differs', detail: `${name}: the center has ${found.bytes} other bytes` }];
  });
}

const keyOf = ({ run, attempt }: Pick<StoredOutput, 'run' | 'attempt'>) => `${run}/${attempt}`;

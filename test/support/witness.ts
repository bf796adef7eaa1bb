// Tasks that testify: each process writes by itself that it started and how it ended, so that what is counted is not
// what CloudTask recorded about itself. It tells the time by /proc/uptime, which no clock step touches, and its agent by
// its working directory.
import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../base/index.js';

/**
 * A POSIX shell script: one line when it starts, `work`, one line when it ends. WITNESS (the file) and WITNESS_AS (who the
 * task is to the test) come from its environment. It starts no process of its own: a busy machine is slow enough.
 */
export function witnessScript(work: string, exitCode: string): string {
  return [
    'read up idle < /proc/uptime',
    'echo "S $WITNESS_AS $CTASK_SCHEDULED_TIME $CTASK_RUN_ID $CTASK_ATTEMPT $$ $up $PWD" >> "$WITNESS"',
    work,
    `code=${exitCode}`,
    'read up idle < /proc/uptime',
    'echo "E $CTASK_RUN_ID $CTASK_ATTEMPT $$ $up $code" >> "$WITNESS"',
    'exit $code',
  ].join('\n');
}

export interface Testimony {
  readonly starts: {
    readonly task: string;
    readonly point: number;
    readonly run: string;
    readonly attempt: number;
    readonly agent: string;
    readonly pid: number;
    readonly time: number;
  }[];
  readonly ends: {
    readonly run: string;
    readonly attempt: number;
    readonly pid: number;
    readonly time: number;
    readonly exitCode: number;
  }[];
}

/** Wall-clock instant (ms) at which the machine's uptime was 0. The wall clock must not be stepped while witnesses speak. */
export function bootTime(): number {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return systemClock.now() - uptime * 1000;
}

/** Throws for a line that no witness writes: a torn line would be a lost witness. */
export function readWitnesses(file: string, boot: number): Testimony {
  const testimony: Testimony = { starts: [], ends: [] };
  if (!existsSync(file)) return testimony;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const words = line.split(' ');
    const time = (word: string | undefined) => boot + Number(word) * 1000;
    if (words[0] === 'S' && words.length === 8) {
      const [, task, point, run, attempt, pid, up, directory] = words;
      testimony.starts.push({
        task: task!,
        point: Date.parse(point!),
        run: run!,
        attempt: Number(attempt),
        agent: /\/agents\/([^/]+)\//.exec(directory!)?.[1] ?? directory!,
        pid: Number(pid),
        time: time(up),
      });
    } else if (words[0] === 'E' && words.length === 6) {
      const [, run, attempt, pid, up, code] = words;
      testimony.ends.push({
        run: run!,
        attempt: Number(attempt),
        pid: Number(pid),
        time: time(up),
        exitCode: Number(code),
      });
    } else throw new Error(`not a line of a witness: ${line}`);
  }
  return testimony;
}

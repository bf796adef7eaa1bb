// Tasks that testify: each process writes by itself that it started and how it ended, so that what is counted is not
// what CloudTask recorded about itself. It tells the time by /proc/uptime, which no clock step touches, and its agent by
// its working directory.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../base/index.js';

/** Lines of output before and behind the work. */
const LINES = [8, 16] as const;

/**
 * A POSIX shell script: one line when it starts, `work`, one line when it ends; and some lines of output of its own, of
 * which it says at its end how many it wrote, or `cut` when its disk refused one. WITNESS (the file) and WITNESS_AS (who the
 * task is to the test) come from its environment. It starts no process of its own: a busy machine is slow enough.
 */
export function witnessScript(work: string, exitCode: string): string {
  return [
    'read up idle < /proc/uptime',
    'echo "S $WITNESS_AS $CTASK_SCHEDULED_TIME $CTASK_RUN_ID $CTASK_ATTEMPT $$ $up $PWD" >> "$WITNESS"',
    'n=0 cut=',
    'say() { while [ $n -lt $1 ]; do echo "$CTASK_RUN_ID $CTASK_ATTEMPT line $n" || cut=cut; n=$((n + 1)); done; }',
    `say ${LINES[0]}`,
    work,
    `say ${LINES[1]}`,
    'test -z "$cut" || n=cut',
    `code=${exitCode}`,
    'read up idle < /proc/uptime',
    'echo "E $CTASK_RUN_ID $CTASK_ATTEMPT $$ $up $code $n" >> "$WITNESS"',
    'exit $code',
  ].join('\n');
}

/** What such a process has written when it says that it wrote `lines`. */
export function outputDigest(run: string, attempt: number, lines: number): string {
  const text = Array.from({ length: lines }, (_, i) => `${run} ${attempt} line ${i}\n`).join('');
  return createHash('sha256').update(text).digest('hex');
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
    /** SHA-256 of its output; undefined when its disk did not take all of it. */
    readonly output?: string;
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
    } else if (words[0] === 'E' && words.length === 7) {
      const [, run, attempt, pid, up, code, lines] = words;
      testimony.ends.push({
        run: run!,
        attempt: Number(attempt),
        pid: Number(pid),
        time: time(up),
        exitCode: Number(code),
        ...(lines === 'cut' ? {} : { output: outputDigest(run!, Number(attempt), Number(lines)) }),
      });
    } else throw new Error(`not a line of a witness: ${line}`);
  }
  return testimony;
}

// The main job, measured on the built program: `ctask up` with one agent, real processes that stamp their own start.
// References run alternately in the same process tree on the same machine. Goals: 1, 4, 5, 6, 7 of the performance goals.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';
import { median, ms, printReport, report, type Summary, summarise } from './figures.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const ROUNDS = 3;

interface Bench {
  readonly user: User;
  readonly url: string;
  readonly stamp: string;
  readonly file: string;
}

async function benchMainJob(): Promise<void> {
  const user = new User();
  try {
    const stamp = join(user.home, 'stamp');
    execFileSync('gcc', ['-O2', '-static', '-o', stamp, join(here, 'stamp.c')]);
    const up = await startUp(user);
    const bench: Bench = { user, url: up.url, stamp, file: join(user.home, 'stamps') };
    await idle(bench);
    await herd(bench, 100, '5');
    await herd(bench, 1000, '4');
    await sustained(bench);
    await throughput(bench);
    await up.end('SIGINT');
  } finally {
    await user.go();
  }
}

/** Lateness in ms of each stamp: start of the process minus its time point. */
function lateness(file: string): number[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [due, startMicros] = line.split(' ');
      return Number(startMicros) / 1000 - Date.parse(due!);
    });
}

/** `count` tasks with the given schedule each; their runs stamp into the bench's file. */
async function applyTasks(
  bench: Bench,
  name: string,
  count: number,
  schedule: (i: number) => object,
  policy: object = {},
): Promise<void> {
  rmSync(bench.file, { force: true });
  const items = Array.from({ length: count }, (_, i) => ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: `${name}-${i}`, labels: { bench: name } },
    spec: {
      schedules: [schedule(i)],
      run: { command: [bench.stamp], env: [{ name: 'STAMP_FILE', value: bench.file }] },
      history: { runs: 1000 },
      ...policy,
    },
  }));
  const path = join(bench.user.home, `${name}.json`);
  writeFileSync(path, JSON.stringify({ apiVersion: 'cloudtask.dev/v1', kind: 'List', items }));
  await bench.user.ok(['apply', '-f', path]);
}

async function removeTasks(bench: Bench, name: string): Promise<void> {
  await bench.user.ok(['delete', 'tasks', '-l', `bench=${name}`, '-y']);
}

/** Resolves when the file has `lines` lines; a run's line is about 40 bytes. */
async function untilLines(file: string, lines: number, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let seen = 0;
  while (seen < lines && performance.now() < deadline) {
    await elapse(100);
    if (existsSync(file) && statSync(file).size > 0) seen = readFileSync(file, 'utf8').split('\n').length - 1;
  }
  return seen;
}

async function idle(bench: Bench): Promise<void> {
  // Ten tasks a tenth of a second apart: each starts alone.
  const anchor = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, 0, i * 100)).toISOString();
  await applyTasks(bench, 'idle', 10, (i) => ({ every: '1s', anchor: anchor(i) }));
  await untilLines(bench.file, 40, 30_000);
  rmSync(bench.file, { force: true });
  await untilLines(bench.file, 600, 90_000);
  const late = summarise(lateness(bench.file));
  await removeTasks(bench, 'idle');
  const figures = `p50 ${ms(late.p50)}, p99 ${ms(late.p99)}, min ${ms(late.min)} (${late.count} runs)`;
  report(
    '7 idle lateness',
    figures,
    '',
    undefined,
    'p50 ≤ 5 ms, p99 ≤ 15 ms, never early',
    late.p50 <= 5 && late.p99 <= 15 && late.min >= 0,
  );
}

function referenceHerd(bench: Bench, count: number): Summary {
  const file = join(bench.user.home, 'reference');
  rmSync(file, { force: true });
  spawnSync(process.execPath, [join(here, 'reference-herd.mjs'), 'herd', String(count), bench.stamp, file], {
    stdio: 'inherit',
  });
  return summarise(lateness(file));
}

async function herd(bench: Bench, count: number, goal: string): Promise<void> {
  const name = `herd${count}`;
  const ours: Summary[] = [];
  const theirs: Summary[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(referenceHerd(bench, count));
    // All due at one instant, far enough ahead that allocation is over by then.
    const due = new Date(Math.ceil((Date.now() + 8000) / 1000) * 1000).toISOString();
    await applyTasks(bench, name, count, () => ({ at: due }));
    const seen = await untilLines(bench.file, count, 30_000);
    if (seen !== count) throw new Error(`herd of ${count}: only ${seen} runs were seen`);
    ours.push(summarise(lateness(bench.file)));
    await removeTasks(bench, name);
  }
  const p99 = median(ours.map((summary) => summary.p99));
  const reference = median(theirs.map((summary) => summary.p99));
  const earliest = Math.min(...ours.map((summary) => summary.min));
  const ratio = p99 / reference;
  const figures = `p99 ${ms(p99)}, p50 ${ms(median(ours.map((summary) => summary.p50)))}, min ${ms(earliest)}`;
  report(
    `${goal} herd of ${count}`,
    figures,
    `p99 ${ms(reference)} bare Node`,
    ratio,
    '≤ 1.25 (stretch 0.6)',
    ratio <= 1.25 && earliest >= 0,
  );
}

/** Stamps of time points in [from, to): due time and lateness, ms. */
function stampsBetween(file: string, from: number, to: number): number[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const [due, startMicros] = line.split(' ');
    const point = Date.parse(due!);
    return point >= from && point < to ? [Number(startMicros) / 1000 - point] : [];
  });
}

/** Tasks due on each second, for some seconds: p99 of their lateness, or undefined when not all were started in time. */
interface Sustained {
  readonly p99: number;
  readonly complete: boolean;
}
const SUSTAINED_SECONDS = 8;
const SUSTAINED_RATES = [50, 100, 200, 300, 400, 600, 800, 1000];

function sustainedReference(bench: Bench, rate: number): Sustained {
  const file = join(bench.user.home, 'reference');
  rmSync(file, { force: true });
  const args = ['seconds', String(rate), String(SUSTAINED_SECONDS), bench.stamp, file];
  spawnSync(process.execPath, [join(here, 'reference-herd.mjs'), ...args], { stdio: 'inherit' });
  const late = summarise(lateness(file));
  return { p99: late.p99, complete: late.count === rate * SUSTAINED_SECONDS };
}

async function sustainedProduct(bench: Bench, rate: number): Promise<Sustained> {
  const policy = { startingDeadline: '1h', concurrencyPolicy: 'Allow' };
  await applyTasks(bench, `rate${rate}`, rate, () => ({ every: '1s' }), policy);
  await untilLines(bench.file, rate * 2, 30_000);
  const from = Math.ceil(Date.now() / 1000) * 1000 + 1000;
  const to = from + SUSTAINED_SECONDS * 1000;
  await elapse(to + 3000 - Date.now());
  const stamps = stampsBetween(bench.file, from, to);
  await removeTasks(bench, `rate${rate}`);
  return { p99: summarise(stamps).p99, complete: stamps.length === rate * SUSTAINED_SECONDS };
}

const keepsUp = ({ p99, complete }: Sustained): boolean => complete && p99 < 1000;

/** The rates are raised until neither keeps up; each rate for both, one after the other. */
async function sustained(bench: Bench): Promise<void> {
  let ours = 0;
  let theirs = 0;
  const details: string[] = [];
  for (const [index, rate] of SUSTAINED_RATES.entries()) {
    const before = SUSTAINED_RATES[index - 1] ?? 0;
    const reference = theirs === before ? sustainedReference(bench, rate) : undefined;
    const product = ours === before ? await sustainedProduct(bench, rate) : undefined;
    if (reference !== undefined && keepsUp(reference)) theirs = rate;
    if (product !== undefined && keepsUp(product)) ours = rate;
    const word = (each: Sustained | undefined) =>
      each === undefined ? '–' : `${ms(each.p99)}${each.complete ? '' : ' incomplete'}`;
    details.push(`${rate}/s: ${word(product)} against ${word(reference)}`);
    if (theirs !== rate && ours !== rate) break;
  }
  const ratio = ours / theirs;
  report(
    '6 sustained rate with p99 < 1 s',
    `${ours}/s (p99 ${details.join('; ')})`,
    `${theirs}/s bare Node`,
    ratio,
    '≥ 0.9, none dropped',
    ratio >= 0.9,
  );
}

/** Runs per second until the center has every result: from the time point to the commit of the last result. */
async function throughput(bench: Bench): Promise<void> {
  const count = 3000;
  const reference: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = spawnSync(
      process.execPath,
      [join(here, 'reference-herd.mjs'), 'rate', String(count), '16', '/bin/true'],
      { encoding: 'utf8' },
    );
    reference.push((JSON.parse(stdout) as { rate: number }).rate);
    const due = Math.ceil((Date.now() + 10_000) / 1000) * 1000;
    const name = `burst${round}`;
    const committed = untilSucceeded(bench, `${name}-`, count);
    await applyTasks(bench, name, count, () => ({ at: new Date(due).toISOString() }), {
      startingDeadline: '1h',
      run: { command: ['/bin/true'] },
    });
    ours.push(count / (((await committed) - due) / 1000));
    await removeTasks(bench, name);
  }
  const ratio = median(ours) / median(reference);
  const bare = `${median(reference).toFixed(0)}/s bare Node spawn`;
  report(
    '1 runs/s, results at the center',
    `${median(ours).toFixed(0)}/s`,
    bare,
    ratio,
    '≥ 0.8 (stretch 1.5)',
    ratio >= 0.8,
  );
}

/** Watches runs as any client does; resolves with the wall time at which the last of `count` was seen Succeeded. */
async function untilSucceeded(bench: Bench, prefix: string, count: number): Promise<number> {
  const token = readFileSync(join(bench.user.home, 'up', 'center', 'admin.token'), 'utf8').trim();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('the runs were not all reported')), 120_000);
  const response = await fetch(`${bench.url}/apis/cloudtask.dev/v1/runs?watch=1`, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  const done = new Set<string>();
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const { object } = JSON.parse(line) as { object: Run };
      if (object.status?.state === 'Succeeded' && object.spec.task.startsWith(prefix)) done.add(object.metadata.name);
    }
    if (done.size >= count) break;
  }
  clearTimeout(timer);
  return Date.now();
}

await benchMainJob();
printReport();

// Runs per second through the runner, output captured to files and ends durable, against a bare Node spawn loop measured
// in turns with it; delay of the agent's event loop meanwhile; appends per second of the journal.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createRunnerClient, openJournal } from '../../agent/index.js';
import { silentLogger, systemClock } from '../../base/index.js';
import type { RunReport } from '../../manifests/index.js';
import { bundleRunner } from '../support/runner-bundle.js';
import { median, ms, printReport, report } from './figures.js';

const RUNS = Number(process.env.CTASK_BENCH_RUNS ?? 1500);
const ROUNDS = Number(process.env.CTASK_BENCH_ROUNDS ?? 3);
// Nothing is removed before the end: ext4 without a journal searches past every inode that was freed in the last minute or
// so, which makes creating a file after mass deletions a hundred times dearer and would be all that is measured.
const directory = mkdtempSync(join(process.env.CTASK_BENCH_DIR ?? tmpdir(), 'ctask-bench-'));

interface Figure {
  readonly rate: number;
  readonly delayP99: number;
  /** CPU of the agent's side, µs per run. */
  readonly agentCpu: number;
}

function reference(): number {
  const script = fileURLToPath(new URL('./reference-spawn.mjs', import.meta.url));
  return Number(execFileSync(process.execPath, [script, String(RUNS), '16'], { encoding: 'utf8' }));
}

async function throughRunner(entry: string, runners: number, concurrency: number): Promise<Figure> {
  const dataDir = mkdtempSync(join(directory, 'data-'));
  const client = createRunnerClient({
    dataDir,
    clock: systemClock,
    log: silentLogger,
    runnerEntry: [process.execPath, entry],
    runners,
  });
  await client.start();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await new Promise<void>((resolve, reject) => {
    let started = 0;
    let ended = 0;
    const next = () => {
      if (started === RUNS) return;
      const attempt = join(dataDir, 'attempts', String(started));
      started += 1;
      mkdirSync(attempt, { recursive: true });
      const env = { PATH: '/usr/bin:/bin', CTASK_RUN_ID: String(started), CTASK_ATTEMPT: '1' };
      client
        .launch({
          directory: attempt,
          argv: ['/bin/true'],
          env,
          workingDir: '/',
          gracePeriodMs: 1000,
          outputMaxBytes: 1e8,
        })
        .then((outcome) => {
          if (outcome.kind !== 'started') reject(new Error(`launch: ${outcome.kind}`));
        }, reject);
    };
    client.onExit(() => {
      ended += 1;
      if (ended === RUNS) resolve();
      else next();
    });
    for (let i = 0; i < concurrency; i++) next();
  });
  const rate = (1000 * RUNS) / (performance.now() - begin);
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  await client.shutdown({ force: true });
  return { rate, delayP99: delay.percentile(99) / 1e6, agentCpu: (user + system) / RUNS };
}

async function journalRate(concurrency: number): Promise<number> {
  const journal = openJournal({
    directory: mkdtempSync(join(directory, 'journal-')),
    clock: systemClock,
    log: silentLogger,
  });
  await journal.open();
  const appends = concurrency * 500;
  const begin = performance.now();
  let next = 0;
  const writer = async () => {
    while (next < appends) await journal.append({ type: 'report', report: exampleReport(next++ % 1000) });
  };
  await Promise.all(Array.from({ length: concurrency }, writer));
  const rate = (1000 * appends) / (performance.now() - begin);
  await journal.close();
  return rate;
}

function exampleReport(i: number): RunReport {
  return {
    uid: `6f1c8f6e-8f0a-8c51-9d6f-${String(i).padStart(12, '0')}`,
    name: 'nightly-report-0123456789',
    namespace: 'default',
    task: 'nightly-report',
    taskUid: '0e2b1f8e-30c0-4e5b-9f0e-5b8d7a1c2d3e',
    slot: '0',
    revision: 1,
    trigger: 'Schedule',
    scheduledTime: 1_795_000_000_000,
    schedule: 'default',
    state: 'Running',
    startTime: 1_795_000_000_001,
    attempts: [],
    attempt: 1,
  };
}

const entry = bundleRunner(directory);
const variants = [1, 2].flatMap((runners) => [16, 64].map((concurrency) => ({ runners, concurrency })));
const references: number[] = [];
const figures = new Map(variants.map((variant) => [variant, [] as Figure[]]));
for (let round = 0; round < ROUNDS; round++) {
  references.push(reference());
  for (const variant of variants) {
    figures.get(variant)?.push(await throughRunner(entry, variant.runners, variant.concurrency));
  }
}
const bare = median(references);
for (const [{ runners, concurrency }, measured] of figures) {
  const rate = median(measured.map((f) => f.rate));
  const what = `runs/s, ${runners} runner${runners > 1 ? 's' : ''}, ${concurrency} at once`;
  const ratio = rate / bare;
  report(what, rate.toFixed(0), `bare spawn loop ${bare.toFixed(0)}`, ratio, '≥ 0.95 ×', ratio >= 0.95);
  const delay = median(measured.map((f) => f.delayP99));
  report('  event-loop delay of the agent, p99', ms(delay), '', undefined, '≤ 20 ms', delay <= 20);
  const cpu = median(measured.map((f) => f.agentCpu));
  report('  CPU of the agent per run', `${cpu.toFixed(0)} µs`, '', undefined, '≤ 350 µs', cpu <= 350);
}
for (const concurrency of [1, 16, 256]) {
  const rate = await journalRate(concurrency);
  // A run takes about four appends: two groups of 16 at work carry the 800 runs/s of goal 6.
  const goal = concurrency === 1 ? 0 : 3200;
  const wanted = goal === 0 ? 'one fsync each' : `≥ ${goal}`;
  report(`journal appends/s, ${concurrency} at once`, rate.toFixed(0), '', undefined, wanted, rate >= goal);
}
rmSync(directory, { recursive: true });
printReport();

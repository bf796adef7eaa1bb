// Schedule arithmetic: next() a second and the memory of 10,000 compiled schedules, against croner with and without a
// zone in the same run. Each memory figure comes from a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Cron } from 'croner';
import { compileSchedules } from '../../manifests/index.js';
import { median, printReport, report } from './figures.js';

const SCHEDULES = 10_000;
const ROUNDS = 5;
const MEASURE_MS = 300;
const FROM = Date.parse('2026-11-22T00:00:00Z');
/** The walk begins anew here. */
const HORIZON = Date.parse('2046-01-01T00:00:00Z');
const ZONE = 'Europe/Berlin';
const ZONES = Intl.supportedValuesOf('timeZone');

/** 10,000 different expressions, half of them wildcards. */
const expression = (i: number): string =>
  i % 2 === 0 ? `${i % 60} ${(i >> 1) % 24} * * ${i % 7}` : `*/${1 + (i % 30)} ${i % 60} ${i % 24} ${1 + (i % 28)} * *`;

type Next = (after: number) => number;

const ours = (cron: string, timeZone: string): Next => {
  const schedules = compileSchedules({ schedules: [{ cron }], timeZone }, 'uid');
  return (after) => schedules.next(after)!.time;
};
const croner = (cron: string, timezone?: string): Next => {
  const job = new Cron(cron, { paused: true, ...(timezone === undefined ? {} : { timezone }) });
  return (after) => job.nextRun(new Date(after))!.getTime();
};

/** next() a second, walking forward from one time point to the next. */
function rate(next: Next): number {
  let at = FROM;
  let count = 0;
  const began = performance.now();
  let spent = 0;
  while (spent < MEASURE_MS) {
    for (let i = 0; i < 100; i++) at = at < HORIZON ? next(at) : FROM;
    count += 100;
    spent = performance.now() - began;
  }
  return (count / spent) * 1000;
}

function residentMiB(kind: string): number {
  const file = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, ['--import=tsx', '--expose-gc', file, kind], { encoding: 'utf8' });
  return Number(child.stdout);
}

function measureMemory(kind: string): void {
  const before = settledRss();
  const kept: Next[] = [];
  for (let i = 0; i < SCHEDULES; i++) {
    if (kind === 'ours') kept.push(ours(expression(i), ZONE));
    if (kind === 'ours, all zones') kept.push(ours(expression(i), ZONES[i % ZONES.length]!));
    if (kind === 'croner') kept.push(croner(expression(i)));
    if (kind === 'croner, zone') kept.push(croner(expression(i), ZONE));
  }
  const sum = kept.reduce((total, next) => total + next(FROM), 0);
  const grown = settledRss() - before;
  if (kept.length !== SCHEDULES || Number.isNaN(sum)) throw new Error('schedules were lost');
  process.stdout.write(String(grown / 2 ** 20));
}

function settledRss(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function main(): void {
  const cases = [
    ['daily', '30 2 * * *'],
    ['every 5 seconds', '*/5 * * * * *'],
    ['last workday', '0 9 LW * *'],
    ['29 February', '0 0 29 2 *'],
  ] as const;
  for (const [name, cron] of cases) {
    const contenders = {
      zoned: ours(cron, ZONE),
      utc: ours(cron, 'UTC'),
      zonedCroner: croner(cron, ZONE),
      plain: croner(cron),
    };
    const rates: Record<string, number[]> = { zoned: [], utc: [], zonedCroner: [], plain: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [key, next] of Object.entries(contenders)) {
        const perSecond = rate(next);
        if (round > 0) rates[key]!.push(perSecond); // the first round warms up
      }
    }
    const [zoned, utc, zonedCroner, plain] = ['zoned', 'utc', 'zonedCroner', 'plain'].map((key) => median(rates[key]!));
    const k = (value: number | undefined) => `${(value! / 1000).toFixed(1)} k/s`;
    report(
      `next(), ${name}, zone`,
      k(zoned),
      `croner, zone: ${k(zonedCroner)}`,
      zoned! / zonedCroner!,
      '≥ 100 k/s',
      zoned! >= 1e5,
    );
    report(`next(), ${name}, UTC`, k(utc), `croner, no zone: ${k(plain)}`, utc! / plain!, '≥ 100 k/s', utc! >= 1e5);
  }
  const reference = residentMiB('croner');
  const zonedReference = residentMiB('croner, zone');
  for (const [kind, against] of [
    ['ours', reference],
    ['ours, all zones', zonedReference],
  ] as const) {
    const grown = residentMiB(kind);
    const text = (value: number) => `${value.toFixed(0)} MiB`;
    report(`RSS of 10,000, ${kind}`, text(grown), `croner: ${text(against)}`, grown / against, '≤ 50 MiB', grown <= 50);
  }
  printReport();
}

const kind = process.argv[2];
if (kind === undefined) main();
else measureMemory(kind);

// `npm run simulate -- --seeds 2000 [--first 1]`: runs simulated seeds; the last line is the verdict, exit 1 on any finding.
// `npm run simulate -- --look N [--into DIRECTORY]`: one seed again, with the log of every process and the history.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleSimulation } from './bundle.js';
import { runSeeds } from './run-seeds.js';

const SAY_EVERY = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    first: { type: 'string', default: '1' },
    look: { type: 'string' },
    into: { type: 'string', default: 'dist/simulation' },
  },
});
mkdirSync(resolve('dist/simulation'), { recursive: true });
const bundle = resolve('dist/simulation/simulation.mjs');
await bundleSimulation(bundle);
if (values.look === undefined) process.exitCode = await all(Number(values.first), Number(values.seeds));
else process.exitCode = look(values.look, resolve(values.into));

async function all(first: number, count: number): Promise<number> {
  const began = performance.now();
  const faults: Record<string, number> = {};
  const notRun: Record<string, number> = {};
  const failed: number[] = [];
  let [done, timePoints, ran, virtualMs] = [0, 0, 0, 0];
  await runSeeds({
    ...{ bundle, first, count },
    each(result) {
      done += 1;
      timePoints += result.timePoints;
      ran += result.ran;
      virtualMs += result.elapsedMs;
      add(faults, result.faults);
      add(notRun, result.notRun);
      if (result.findings.length > 0) failed.push(result.seed);
      for (const { check, detail } of result.findings.slice(0, 3)) say(`seed ${result.seed}: ${check}: ${detail}`);
      if (done % SAY_EVERY === 0) say(`${done} seeds, ${failed.length} with findings`);
    },
  });
  say(`faults: ${counted(faults)}`);
  say(`time points that did not run: ${counted(notRun)}`);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  const hours = (virtualMs / 3_600_000).toFixed(1);
  const sums = `${timePoints} time points, ${ran} ran, ${hours} simulated hours in ${minutes} minutes`;
  if (failed.length > 0) say(`look into one with: npm run simulate -- --look ${failed[0]}`);
  say(`simulation: ${done} seeds, ${failed.length} with findings; ${sums}`);
  return failed.length === 0 && done === count ? 0 : 1;
}

function look(seed: string, directory: string): number {
  mkdirSync(directory, { recursive: true });
  const run = spawnSync(process.execPath, ['--enable-source-maps', bundle, seed, '1', '--look', directory], {
    stdio: 'inherit',
  });
  say(`log: ${join(directory, `${seed}.log`)}, history: ${join(directory, `${seed}.json`)}`);
  return run.status ?? 1;
}

function add(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(more)) sums[key] = (sums[key] ?? 0) + value;
}

function counted(sums: Readonly<Record<string, number>>): string {
  const entries = Object.entries(sums).sort(([, a], [, b]) => b - a);
  return entries.map(([key, value]) => `${key} ${value}`).join(', ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

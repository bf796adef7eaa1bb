// Runs seeds in this process: `main.js <first> <count> [--look <directory>] [--faults <JSON>]`, one JSON line per seed. With
// --look, the log of all processes and the history that the checker judged go into that directory; with --faults, these
// happen instead of a course drawn from the seed, and the user changes nothing.
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fault } from './faults.js';
import { defineGlobals } from './replaced/globals.js';
import { simulate } from './simulation.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { look: { type: 'string' }, faults: { type: 'string' } },
});
const [first = '1', count = '1'] = positionals;
const { look: directory } = values;
const faults = values.faults === undefined ? undefined : (JSON.parse(values.faults) as Fault[]);
defineGlobals();
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const began = performance.now();
  const log = directory !== undefined ? createWriteStream(join(directory, `${seed}.log`)) : undefined;
  const say = log && ((line: string) => void log.write(`${line}\n`));
  const { history, ...result } = await simulate({
    seed,
    ...(say === undefined ? {} : { say }),
    ...(faults === undefined ? {} : { faults }),
  });
  if (log !== undefined && directory !== undefined) {
    log.end();
    writeFileSync(join(directory, `${seed}.json`), JSON.stringify(history, plain, 1));
  }
  process.stdout.write(`${JSON.stringify({ ...result, tookMs: Math.round(performance.now() - began) })}\n`);
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

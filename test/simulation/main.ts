// Runs seeds in this process: `main.js <first> <count> [--look <directory>]`, one JSON line per seed. With --look, the log of
// all processes and the history that the checker judged go into that directory.
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineGlobals } from './replaced/globals.js';
import { simulate } from './simulation.js';

const [first = '1', count = '1', look, directory = '.'] = process.argv.slice(2);
defineGlobals();
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const began = performance.now();
  const log = look === '--look' ? createWriteStream(join(directory, `${seed}.log`)) : undefined;
  const say = log && ((line: string) => void log.write(`${line}\n`));
  const { history, ...result } = await simulate({ seed, ...(say === undefined ? {} : { say }) });
  if (log !== undefined) {
    log.end();
    writeFileSync(join(directory, `${seed}.json`), JSON.stringify(history, plain, 1));
  }
  process.stdout.write(`${JSON.stringify({ ...result, tookMs: Math.round(performance.now() - began) })}\n`);
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

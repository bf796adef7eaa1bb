// The reference for runs per second: a bare Node process that starts /bin/true with two pipes, reads both to the end and
// keeps a fixed number going. Prints runs per second. Arguments: runs, concurrency.
import { spawn } from 'node:child_process';

const [runs, concurrency] = process.argv.slice(2).map(Number);
let started = 0;
let ended = 0;
const begin = performance.now();

function next() {
  if (started === runs) return;
  started += 1;
  const child = spawn('/bin/true', [], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  child.on('close', () => {
    ended += 1;
    if (ended === runs) console.log(((1000 * runs) / (performance.now() - begin)).toFixed(1));
    else next();
  });
}
for (let i = 0; i < concurrency; i++) next();

// Large installations from the command line: a directory of 10,000 tasks applied at once, a list of 100,000 tasks.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, startUp, User } from '../support/ctask.js';
import { ms, printReport, report } from './figures.js';

const FILES = 10_000;
const TASKS = 100_000;
const BATCH = 10_000;
const BARE_NODE = ['-e', '0'];

interface Measured {
  readonly ms: number;
  /** Until the first byte of output. */
  readonly firstMs: number;
  readonly rssMiB: number;
  readonly lines: number;
  readonly code: number | null;
}

const SAY_RSS =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('rss '+process.resourceUsage().maxRSS))";

function measure(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let firstMs = Number.NaN;
    let lines = 0;
    let said = '';
    const child = spawn(process.execPath, ['--import', SAY_RSS, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (bytes: Buffer) => {
      if (Number.isNaN(firstMs)) firstMs = performance.now() - began;
      for (const byte of bytes) if (byte === 10) lines += 1;
    });
    child.stderr.on('data', (bytes) => {
      said += bytes;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const rssMiB = Number(/rss (\d+)$/.exec(said)?.[1]) / 1024;
      resolve({ ms: performance.now() - began, firstMs, rssMiB, lines, code });
    });
  });
}

const manifest = (name: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}, labels: {bench: scale}}
spec:
  suspend: true
  schedules: [{cron: "0 2 * * *"}]
  run: {command: ["/bin/true"]}
`;

const user = new User();
try {
  const up = await startUp(user, ['--agents', '1']);
  const directory = join(user.home, 'many');
  mkdirSync(directory);
  for (let i = 0; i < FILES; i++) writeFileSync(join(directory, `task-${i}.yaml`), manifest(`task-${i}`));

  const bare = await measure(BARE_NODE, user.env);
  for (const what of ['created', 'unchanged']) {
    const applied = await measure([program, 'apply', '-f', directory], user.env);
    const good = applied.code === 0 && applied.lines === FILES;
    const figure = `${(applied.ms / 1000).toFixed(1)} s, ${applied.rssMiB.toFixed(0)} MiB`;
    report(`apply of ${FILES} files, ${what}`, figure, `${ms(bare.ms)} node -e 0`, undefined, 'all, at once', good);
  }
  for (let start = FILES; start < TASKS; start += BATCH) {
    const batch = join(user.home, `batch-${start}.yaml`);
    const names = Array.from({ length: BATCH }, (_, i) => `task-${start + i}`);
    writeFileSync(batch, names.map(manifest).join('---\n'));
    await user.ok(['apply', '-f', batch, '-o', 'name']);
  }
  const listed = await measure([program, 'get', 'tasks'], user.env);
  const again = await measure([program, 'get', 'tasks'], user.env);
  const first = Math.min(listed.firstMs, again.firstMs);
  const whole = `${(again.ms / 1000).toFixed(1)} s, ${again.rssMiB.toFixed(0)} MiB`;
  report(
    `get tasks of ${TASKS}: first rows`,
    ms(first),
    `${ms(bare.ms)} node -e 0`,
    first / bare.ms,
    '≤ 300 ms',
    first <= 300,
  );
  report(`get tasks of ${TASKS}: all`, whole, '', undefined, 'all rows', again.lines === TASKS + 1);
  await up.end('SIGINT');
} finally {
  await user.go();
}
printReport();

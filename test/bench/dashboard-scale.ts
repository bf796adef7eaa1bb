// ctask ui with 10,000 tasks of which 100 change every second (T-53): how long a key takes until the screen shows it, seen from
// the terminal, and what the process costs. The center is a process of its own. The terminal and the keys are in this one and, like all
// else on the machine, delay what is measured: a bare Node that echoes keys on such a terminal, alternately, says how much.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../base/index.js';
import { program } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';
import { median, ms, printReport, report } from './figures.js';

const TASKS = 10_000;
const CHANGES_PER_SECOND = 100;
const KEYS = 200;
const BETWEEN_KEYS_MS = 50;
/** So long the processor is measured. */
const WATCHED_MS = 15_000;
/** A key that is held down, faster than keyboards repeat it. */
const HELD_MS = 5_000;
const HELD_EVERY_MS = 10;
/** Of the kernel's figures in /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

const KEY_P95_MAX_MS = 50;
const CPU_MAX = 0.3;
const RSS_MAX_MIB = 300;
/** So many a second a list must keep up with while one goes through it (T-41 asks it of a log). */
const FRAMES_MIN = 20;
/** How a frame begins: the terminal is to show it at once (I-07). */
const FRAME = '\u001b[?2026h';

const missing = noPty();
if (missing !== undefined) throw new Error(missing);
const home = mkdtempSync(join(tmpdir(), 'ctask-bench-'));
const file = fileURLToPath(new URL('./dashboard-center.ts', import.meta.url));
const parameters = [home, TASKS, CHANGES_PER_SECOND].map(String);
const center = spawn(process.execPath, ['--import=tsx', file, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = once(center, 'exit');
const [first] = await once(createInterface(center.stdout), 'line');
const { url, tokenFile } = JSON.parse(String(first)) as { url: string; tokenFile: string };

const cpuSeconds = (pid: string) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
const peakMiB = (pid: string) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const { NODE_OPTIONS: _, ...inherited } = process.env;
const env = {
  ...{ ...inherited, HOME: home, CTASK_CONFIG: join(home, 'none') },
  ...{ CTASK_SERVER: url, CTASK_TOKEN_FILE: tokenFile },
};
const pty = new Pty([`sh -c 'echo $$ > pid; exec "${process.execPath}" "${program}" ui'`], {
  ...{ env, cwd: home, columns: 120, rows: 40 },
});
const echo = new Pty([`"${process.execPath}" -e 'process.stdin.setRawMode(true).pipe(process.stdout)'`], {
  env,
  cwd: home,
});
const frames = () => pty.written.split(FRAME).length - 1;
const cursor = () => /^▸ ?(\S+)/m.exec(pty.text)?.[1];

/** Frames a second while the key is held down. */
async function hold(key: string): Promise<number> {
  const began = performance.now();
  const before = frames();
  while (performance.now() - began < HELD_MS) {
    pty.type(key);
    await systemClock.sleep(HELD_EVERY_MS);
  }
  return (frames() - before) / ((performance.now() - began) / 1000);
}

/** Milliseconds until `seen` says something else than before the key. */
async function press(on: Pty, key: string, seen: () => unknown): Promise<number> {
  await systemClock.sleep(BETWEEN_KEYS_MS);
  const before = seen();
  const began = performance.now();
  on.type(key);
  await on.until(() => seen() !== before, `what ${key} does`);
  return performance.now() - began;
}

try {
  await pty.until(({ text }) => text.includes(`[${TASKS}]`) && cursor() !== undefined, 'all tasks are there', 60_000);
  const pid = pty.file('pid');
  center.stdin.write('change\n');
  await pty.until(({ text }) => text.includes('Degraded'), 'changes arrive');
  const before = { cpu: cpuSeconds(pid), frames: frames(), at: performance.now() };
  await systemClock.sleep(WATCHED_MS);
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = (cpuSeconds(pid) - before.cpu) / seconds;
  const watched = (frames() - before.frames) / seconds;
  const times: number[] = [];
  const echoes: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    times.push(await press(pty, 'j', cursor));
    echoes.push(await press(echo, 'x', () => echo.text));
  }
  const held = await hold('j');
  const rss = peakMiB(pid);
  const p95Of = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? Number.NaN;
  const load = `${TASKS} tasks, ${CHANGES_PER_SECOND} changes/s`;
  const [p50, echo50] = [median(times), median(echoes)];
  report(`T-53 key to screen, ${load}, p50`, ms(p50), `${ms(echo50)} echo`, p50 / echo50, '', true);
  const [p95, echo95] = [p95Of(times), p95Of(echoes)];
  const goal = `< ${KEY_P95_MAX_MS} ms`;
  report(`T-53 key to screen, ${load}, p95`, ms(p95), `${ms(echo95)} echo`, p95 / echo95, goal, p95 < KEY_P95_MAX_MS);
  report('T-53 processor, of one core', cpu.toFixed(2), '', undefined, `< ${CPU_MAX}`, cpu < CPU_MAX);
  report('T-53 memory, peak', `${rss.toFixed(0)} MiB`, '', undefined, `< ${RSS_MAX_MIB} MiB`, rss < RSS_MAX_MIB);
  report('T-53 frames a second, only watching', watched.toFixed(1), '', undefined, '', true);
  const fluent = `≥ ${FRAMES_MIN}`;
  report('T-53 frames a second, a key held down', held.toFixed(1), '', undefined, fluent, held >= FRAMES_MIN);
  pty.type('q');
  await pty.done;
} finally {
  await Promise.all([pty, echo].map(({ running }) => running.end('SIGTERM')));
  center.stdin.end();
  await ended;
  rmSync(home, { recursive: true, force: true });
}
printReport();

// How long somebody waits who starts `ctask ui`, on a pseudo-terminal: for its first words, and for the dashboard with what
// the center has. Against bare Node that says one word on such a terminal, alternately.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliCenter } from '../support/cli-center.js';
import { program } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';
import { median, ms, printReport, report } from './figures.js';

const ROUNDS = 15;
const FIRST_WORDS_MAX = 2;
const DASHBOARD_MAX = 4;

const missing = noPty();
if (missing !== undefined) throw new Error(missing);
const home = mkdtempSync(join(tmpdir(), 'ctask-bench-'));
const center = new CliCenter(home);
await center.start();
const { NODE_OPTIONS: _, ...inherited } = process.env;
const env = {
  ...{ ...inherited, HOME: home, CTASK_CONFIG: join(home, 'none') },
  ...{ CTASK_SERVER: center.url, CTASK_TOKEN_FILE: center.tokenFile },
};

/** Milliseconds until each of `moments` is seen; `end` is then typed. */
async function watch(line: string, moments: readonly ((pty: Pty) => boolean)[], end: string): Promise<number[]> {
  const began = performance.now();
  const pty = new Pty([line], { env, cwd: home });
  const times: number[] = [];
  for (const moment of moments) {
    await pty.until(moment, line);
    times.push(performance.now() - began);
  }
  pty.type(end);
  await pty.done;
  return times;
}

const node: number[] = [];
const words: number[] = [];
const dashboard: number[] = [];
try {
  for (let round = 0; round < ROUNDS + 2; round++) {
    const reference = `"${process.execPath}" -e 'process.stdout.write("word"); setInterval(() => {}, 1000)'`;
    const [said = 0] = await watch(reference, [({ text }) => text.includes('word')], '\u0003');
    const [first = 0, drawn = 0] = await watch(
      `"${process.execPath}" "${program}" ui`,
      [({ whole, text }) => whole && text !== '', ({ whole, text }) => whole && !text.startsWith('Connecting')],
      'q',
    );
    if (round < 2) continue; // to warm the caches
    node.push(said);
    words.push(first);
    dashboard.push(drawn);
  }
  const reference = median(node);
  for (const [what, times, most] of [
    ['ctask ui: first words', words, FIRST_WORDS_MAX],
    ['ctask ui: the dashboard', dashboard, DASHBOARD_MAX],
  ] as const) {
    const figure = median(times);
    const ratio = figure / reference;
    report(what, ms(figure), `${ms(reference)} node -e`, ratio, `≤ ${most}`, ratio <= most);
  }
} finally {
  await center.stop();
  rmSync(home, { recursive: true, force: true });
}
printReport();

// A program on the dashboard's terminal session without a dashboard: it shows what it is told, and lends the terminal.
import { spawn } from 'node:child_process';
import { silentLogger, systemClock } from '../../base/index.js';
import { processDevice } from '../../cli/dashboard/terminal/device.js';
import { OwnTerminal } from '../../cli/dashboard/terminal/session.js';
import { watchWaysOut } from '../../cli/dashboard/terminal/ways-out.js';

const device = processDevice();
const session = new OwnTerminal({
  ...{ device, clock: systemClock, log: silentLogger },
  ...{ colour: 'none', ascii: true, mouse: process.argv.includes('--mouse') },
});
watchWaysOut(session, device, silentLogger);

let state = 'ready';
const draw = () => {
  const { columns, rows } = session.stdout;
  const lines = Array.from({ length: rows }, (_, row) => (row === 0 ? `${state} ${columns}x${rows}` : `row ${row}`));
  session.stdout.write(lines.map((line) => line.padEnd(columns)).join('\n'));
};
const show = (text: string) => {
  state = text;
  draw();
};

/** The editor reads a line, as a user types it, and writes it to a file. */
const editor = 'stty -a > during; echo editing; read line; echo "$line" > edited; exit 3';

function edit(): Promise<number | null> {
  return new Promise((resolve) => spawn('sh', ['-c', editor], { stdio: 'inherit' }).once('exit', resolve));
}

const keys: Readonly<Record<string, () => unknown>> = {
  e: async () => show(`edited with ${await session.suspend(edit)}`),
  z: async () => {
    await session.stop();
    show('continued');
  },
  w: () => process.stderr.write('a warning\n'),
  n: () => process.emitWarning('of node'),
  q: () => process.exit(0),
};

session.onTalk((line) => show(`told: ${line}`));
session.onPaste((text) => show(`pasted: ${JSON.stringify(text)}`));
session.onMouse(({ button, column, row }) => show(`${button} at ${column},${row}`));
session.stdout.on('resize', draw);
session.stdin.on('data', (key: string) => (keys[key] ?? (() => show(`key ${JSON.stringify(key)}`)))());
session.enter();
draw();

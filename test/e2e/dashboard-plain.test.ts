// ctask ui --plain, built, on a real pseudo-terminal and without one: words and line ends, nothing else.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CliCenter } from '../support/cli-center.js';
import { program, Running } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';

const skip = noPty() ?? false;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const CONTROL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const MANIFEST = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: nightly}
spec:
  schedules: [{cron: "0 2 * * *"}]
  run: {command: [/bin/true]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: never-ran, namespace: default}
spec:
  schedules: [{cron: "0 3 * * *"}]
  run: {command: [/bin/true]}
`;

async function world(t: Test) {
  const directory = t.testdir({ home: {} });
  const home = join(directory, 'home');
  const center = new CliCenter(directory);
  await center.start();
  t.teardown(() => center.stop());
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  const env = {
    ...{ ...inherited, HOME: home, XDG_STATE_HOME: join(home, 'state'), CTASK_CONFIG: join(home, 'none') },
    ...{ CTASK_SERVER: center.url, CTASK_TOKEN_FILE: center.tokenFile },
  };
  writeFileSync(join(home, 'tasks.yaml'), MANIFEST);
  const ctask = async (...args: string[]) => {
    const running = new Running(spawn(process.execPath, [program, ...args], { cwd: home, env, stdio: 'pipe' }));
    await running.done;
    return running;
  };
  await ctask('apply', '-f', 'tasks.yaml');
  const point = Date.parse('2026-11-22T02:00:00Z');
  const run = await center.scheduled('nightly', point, {
    ...{ state: 'Succeeded', exitCode: 0, startTime: point, endTime: point + 5 },
  });
  await center.output(run, 'first line\n\u001b[31mred\u001b[0m\u001b]0;title\u0007\n', { end: true });
  return { home, env, ctask };
}

t.test('lines on a terminal (T-60)', { skip, timeout: 300_000 }, async (t) => {
  const { home, env, ctask } = await world(t);
  const pty = new Pty([`"${process.execPath}" "${program}" ui --plain`, 'echo "ended with $?"'], {
    ...{ cwd: home, env, columns: 100, rows: 40 },
  });
  t.teardown(() => pty.running.end('SIGKILL'));
  const says = (words: string | RegExp) =>
    pty.until(({ written }) => (typeof words === 'string' ? written.includes(words) : words.test(written)), `${words}`);
  await says(/Tasks in default: 2\r\nnever-ran: .*\r\nnightly: schedule 0 2 \* \* \*, .*\r\n> $/);
  await ctask('suspend', 'nightly');
  await says(/\r\n> \r\nnightly: status Suspended.*\r\n$/);
  pty.type('describe nightly\n');
  await says(/Name: +nightly/);
  pty.type('logs nightly\n');
  await says('^[[31mred^[[0m');
  pty.type('next\n');
  await says('nothing is due');
  pty.type('next never-ran\n');
  await says(/T03:00:00Z/);
  pty.type('describe nobody\n');
  await says('error: there is no task nobody here');
  pty.type('pulses\ntsks\n');
  await says('pulses needs the screen');
  await says('error: no view or kind "tsks"; did you mean "tasks"?');
  pty.type('/never\n');
  await says('Tasks in default that match never: 1 of 2');
  pty.type('help\n');
  await says('describe NAME: everything about one of them');
  await ctask('delete', 'task', 'never-ran');
  await says('task never-ran is gone');
  pty.type('quit\n');
  await pty.done;
  t.match(pty.text, 'ended with 0');
  t.notMatch(pty.written.replaceAll('\r\n', '\n'), CONTROL, 'words and line ends only');
  t.same(pty.strayModes, []);
});

t.test('without a terminal: what is piped is answered, in order', { timeout: 120_000 }, async (t) => {
  const { home, env } = await world(t);
  const running = new Running(
    spawn(process.execPath, [program, 'ui', '--plain', '-A'], { cwd: home, env, stdio: 'pipe' }),
  );
  running.child.stdin!.end('runs\nyaml default/nobody\nagents\n');
  await running.done;
  t.match(
    running.stdout,
    /Tasks of all namespaces: 2\ndefault\/never-ran: [\s\S]*Runs of all namespaces: 1\ndefault\/nightly-/,
  );
  t.match(running.stdout, /error: there is no run default\/nobody here\nAgents: 0\n$/);
  t.notMatch(running.stdout, '> ');
  t.notMatch(running.stdout, CONTROL);
});

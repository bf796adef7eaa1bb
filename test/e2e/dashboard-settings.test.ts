// ctask ui with a ctaskrc.yaml of the user's, built, on a real pseudo-terminal.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CliCenter } from '../support/cli-center.js';
import { program } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';

const skip = noPty() ?? false;
const ctask = `"${process.execPath}" "${program}"`;

const RC = `ui:
  skin: light
  plugins:
  - shortcut: b
    description: Ask
    scopes: [namespaces]
    command: sh
    args: [-c, 'stty -a > during; echo "words about $NAME?"; read line; echo "$1: $line" > said', sh, $NAME]
`;

function open(t: Test, center: CliCenter, rc: string, args = ''): { pty: Pty; home: string } {
  const home = t.testdir({ 'ctaskrc.yaml': rc });
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  const start = `sh -c 'echo $$ > pid; exec ${ctask} ui ${args}'`;
  const lines = ['stty -a > before', start, 'echo "ended with $?"', 'stty -a > after'];
  const pty = new Pty(lines, {
    cwd: home,
    env: {
      ...{ ...inherited, HOME: home, XDG_STATE_HOME: `${home}/state`, CTASK_CONFIG: `${home}/config.yaml` },
      ...{ CTASK_SERVER: center.url, CTASK_TOKEN_FILE: center.tokenFile },
    },
  });
  t.teardown(() => pty.running.end('SIGKILL'));
  return { pty, home };
}

t.test('settings of the user (T-58)', { skip, timeout: 300_000 }, async (t) => {
  const center = new CliCenter(t.testdir());
  await center.start();
  t.teardown(() => center.stop());

  await t.test('a plugin has the terminal to itself', async (t) => {
    const { pty } = open(t, center, RC, '-c namespaces');
    await pty.until(({ whole, text }) => whole && text.includes('▸ cloudtask-system'), 'it draws', 60_000);
    t.match(pty.written, '\u001b[38;5;', 'the skin has colours of its own');
    pty.type('gb');
    await pty.until(({ whole, text }) => !whole && text.includes('words about'), 'the plugin has the terminal');
    pty.type('many j words\u007f\n');
    await pty.until(({ whole, text }) => whole && text.includes('Namespaces['), 'the dashboard has it again');
    t.match(pty.file('said'), /^(cloudtask-system|default): many j word$/);
    t.equal(pty.file('during'), pty.file('before'));
    pty.type('q');
    await pty.done;
    t.match(pty.text, 'ended with 0');
    t.equal(pty.file('after'), pty.file('before'));
    t.same(pty.strayModes, []);
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    await t.test(`where one was is kept when ${signal} ends it (T-57)`, async (t) => {
      const { pty, home } = open(t, center, '', '-c namespaces');
      await pty.until(({ whole, text }) => whole && text.includes('Namespaces['), 'it draws', 60_000);
      pty.type(':runs all\r');
      await pty.until(({ text }) => text.includes('Runs(all)'), 'the runs');
      process.kill(Number(pty.file('pid')), signal);
      await pty.done;
      const [name, ...others] = readdirSync(join(home, 'state/ctask/ui'));
      t.same(others, []);
      const saved = JSON.parse(pty.file(`state/ctask/ui/${name}`)) as { view: string; place: object };
      t.match(saved, { view: 'runs', place: { namespace: null } });
    });
  }

  await t.test('what is wrong is said with its place before the screen is taken', async (t) => {
    const { pty } = open(t, center, RC.replace('shortcut: b', 'shortcut: d').replace('skin: light', 'skin: default'));
    await pty.done;
    const said = pty.written; // the terminal breaks lines where it has room for them
    t.match(said, 'ctaskrc.yaml: 1 problem in the settings of the dashboard');
    t.match(said, 'ctaskrc.yaml:4:15: error: ui.plugins[0].shortcut: Invalid value: "d": the key is taken: Describe');
    t.match(said, 'ended with 2');
    t.notMatch(pty.written, '\u001b[?1049h');
  });
});

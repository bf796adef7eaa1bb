// ctask ui as people start it, built, on a real pseudo-terminal: whatever ends it, the terminal is as it was before.
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { CliCenter } from '../support/cli-center.js';
import { program } from '../support/ctask.js';
import { noPty, Pty } from '../support/pty.js';

const skip = noPty() ?? false;
const node = `"${process.execPath}"`;
const ctask = `${node} "${program}"`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const CLEARED = /\u001b\[[23]J/;

/** The first words are of who connects; then the dashboard is there. */
const drawn = ({ whole, text }: Pty) => whole && text !== '' && !text.startsWith('Connecting');

/** On SIGUSR2 something goes wrong that nobody has thought of. */
const DEFECT = `process.on('SIGUSR2', () => {
  if (process.env.DEFECT === 'rejection') Promise.reject(new TypeError('nobody thought of this'));
  else throw new TypeError('nobody thought of this');
});`;

interface Started {
  readonly pty: Pty;
  /** Sends a signal to the program. */
  kill(signal: NodeJS.Signals): void;
}

interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: string;
  /** What to wait for; the dashboard unless given. */
  readonly ready?: (pty: Pty) => boolean;
}

/** The dashboard of that center, drawn for the first time. */
async function started(
  t: Test,
  center: CliCenter,
  { env = {}, args = '', ready = drawn }: StartOptions = {},
): Promise<Started> {
  const home = t.testdir({ 'defect.mjs': DEFECT });
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  const lines = [
    'stty -a > before',
    `sh -c 'echo $$ > pid; exec ${ctask} ui ${args}'`,
    'echo "ended with $?"',
    'stty -a > after',
  ];
  const pty = new Pty(lines, {
    cwd: home,
    env: {
      ...{ ...inherited, HOME: home, XDG_STATE_HOME: join(home, 'state') },
      ...{ CTASK_SERVER: center.url, CTASK_TOKEN_FILE: center.tokenFile, CTASK_CONFIG: join(home, 'none') },
      ...env,
    },
  });
  t.teardown(() => pty.running.end('SIGKILL'));
  await pty.until(ready, 'it draws', 60_000);
  return { pty, kill: (signal) => void process.kill(Number(pty.file('pid')), signal) };
}

async function sameAsBefore(t: Test, pty: Pty, code: number): Promise<void> {
  await pty.done;
  t.match(pty.text, `ended with ${code}`);
  t.equal(pty.file('after'), pty.file('before'), 'stty -a');
  t.same(pty.strayModes, []);
  t.notMatch(pty.text, /^ +at /m, 'no stack');
}

t.test('the terminal is as before (I-11, T-14)', { skip, timeout: 300_000 }, async (t) => {
  const center = new CliCenter(t.testdir());
  await center.start();
  t.teardown(() => center.stop());

  await t.test('q (I-05)', async (t) => {
    const { pty } = await started(t, center);
    pty.type('q');
    await sameAsBefore(t, pty, 0);
    t.notOk(CLEARED.test(pty.written), 'it was never cleared (I-04)');
    t.equal(pty.text, 'ended with 0', 'nothing is left on the screen');
  });

  await t.test('Ctrl-C', async (t) => {
    const { pty } = await started(t, center, { args: '--mouse' });
    pty.type('\u0003');
    await sameAsBefore(t, pty, 0);
  });

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const) {
    await t.test(signal, async (t) => {
      const { pty, kill } = await started(t, center, { args: '--mouse' });
      kill(signal);
      await sameAsBefore(t, pty, code);
    });
  }

  for (const defect of ['exception', 'rejection']) {
    await t.test(`${defect} that nobody handles`, async (t) => {
      const { pty, kill } = await started(t, center, {
        env: { NODE_OPTIONS: '--import=./defect.mjs', DEFECT: defect },
      });
      kill('SIGUSR2');
      await sameAsBefore(t, pty, 1);
      const said = pty.text.replaceAll('\n', ' ');
      t.match(said, /^error: the dashboard has failed: nobody thought of this hint: details are in .*ended with 1$/);
      t.match(pty.file('state/ctask/ui.log'), /TypeError: nobody thought of this\\n +at /);
    });
  }

  await t.test('Ctrl-C while a center does not answer', async (t) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.teardown(() => silent.close());
    const asked = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    const connecting = ({ whole, text }: Pty) => whole && text.startsWith('Connecting');
    const env = { CTASK_SERVER: `http://127.0.0.1:${port}` };
    const { pty } = await started(t, center, { env, ready: connecting });
    await asked;
    pty.type('\u0003');
    await sameAsBefore(t, pty, 130);
  });

  await t.test('a center that is gone ends nothing', async (t) => {
    const { pty } = await started(t, center);
    await center.hangUp();
    t.teardown(() => center.listen());
    pty.type('jq');
    await sameAsBefore(t, pty, 0);
  });
});

t.test('the mouse, when it is asked for (T-55, I-15)', { skip, timeout: 180_000 }, async (t) => {
  const center = new CliCenter(t.testdir());
  await center.start();
  t.teardown(() => center.stop());
  for (const name of ['a-first', 'b-second']) {
    const { status } = await fetch(`${center.url}/apis/cloudtask.dev/v1/namespaces/default/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${center.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name } },
        spec: { schedules: [{ cron: '0 2 * * *' }], run: { command: ['/bin/true'] } },
      }),
    });
    t.equal(status, 201);
  }
  const ready = ({ text }: Pty) => text.includes('Tasks(default)[2]') && text.includes('b-second');
  const selected = (name: string) => (pty: Pty) => new RegExp(`▸ +${name}`).test(pty.text);

  await t.test('click, and click again', async (t) => {
    const { pty } = await started(t, center, { args: '--mouse', ready });
    await pty.until(selected('a-first'), 'the cursor is on the first row');
    const row = pty.text.split('\n').findIndex((line) => line.includes('b-second')) + 1;
    const click = `\u001b[<0;6;${row}M\u001b[<0;6;${row}m`;
    pty.type(click);
    await pty.until(selected('b-second'), 'a click selects');
    pty.type(click);
    await pty.until(({ text }) => text.includes('Runs(default/b-second)'), 'another one opens');
    const last = pty.text.split('\n').length;
    pty.type(`\u001b[<0;3;${last}M\u001b[<0;3;${last}m`);
    await pty.until(ready, 'one on a breadcrumb goes back', 60_000);
    pty.type('q');
    await sameAsBefore(t, pty, 0);
  });

  await t.test('without the flag the terminal keeps its mouse', async (t) => {
    const { pty } = await started(t, center, { ready });
    t.notOk(pty.written.includes('\u001b[?1002h'));
    pty.type('q');
    await sameAsBefore(t, pty, 0);
  });
});

t.test('without a terminal it says so, and loads no screen (T-54, I-09)', { skip, timeout: 120_000 }, async (t) => {
  const says = "error: ctask ui needs an interactive terminal; try 'ctask get tasks -w'";
  const hook = `import { appendFileSync } from 'node:fs';
export async function resolve(name, context, next) {
  const found = await next(name, context);
  appendFileSync(process.env.MODULES, found.url + '\\n');
  return found;
}`;
  const directory = t.testdir({
    'hook.mjs': hook,
    'spy.mjs': "import { register } from 'node:module';\nregister('./hook.mjs', import.meta.url);\n",
  });
  const modules = join(directory, 'modules');
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: directory, CTASK_CONFIG: join(directory, 'none'), MODULES: modules };
  const spied = `${node} --import=./spy.mjs "${program}" ui`;
  const cases: Readonly<Record<string, { line: string; env?: NodeJS.ProcessEnv }>> = {
    'output to a pipe': { line: `{ ${spied}; echo $? > code; } 2> said | cat > seen` },
    'no input': { line: `${spied} < /dev/null > seen 2> said; echo $? > code` },
    'continuous integration': { line: `${spied} 2> said; echo $? > code`, env: { PTY_CI: 'true' } },
    'a terminal that is dumb': { line: `${spied} 2> said; echo $? > code`, env: { PTY_TERM: 'dumb' } },
  };
  for (const [name, { line, env: more }] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      writeFileSync(modules, '');
      writeFileSync(join(directory, 'seen'), '');
      const pty = new Pty([line], { cwd: directory, env: { ...env, ...more } });
      await pty.done;
      t.equal(pty.file('code'), '2');
      t.equal(pty.file('said'), says);
      t.equal(pty.written + pty.file('seen'), '', 'not one byte on the screen');
      t.notMatch(readFileSync(modules, 'utf8'), '/dist/dashboard/');
    });
  }
  await t.test('with one it does, and says what else is missing', async (t) => {
    writeFileSync(modules, '');
    const pty = new Pty([`${spied}; echo "ended with $?"`], { cwd: directory, env });
    await pty.done;
    t.match(pty.text, /^error: no server is configured\n(?:hint: .*\n)?(?:.*\n)*ended with 2$/);
    t.same(pty.strayModes, []);
    t.match(readFileSync(modules, 'utf8'), '/dist/dashboard/', 'the spy sees what is loaded');
  });
});

t.test('what is shipped has none of the tools of those who develop with React (I-24)', async (t) => {
  const folder = join(dirname(program), '..', 'dashboard');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  t.ok(texts.some((text) => text.includes('react.production') || text.includes('useSyncExternalStore')));
  t.same(
    texts.filter((text) => /react(?:-[a-z]+)*\.development/.test(text)),
    [],
  );
});

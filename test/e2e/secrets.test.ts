// a whole installation runs a task that prints its secret in every way: afterwards the value is looked for wherever somebody could
// look. That it would be found is shown by a value that is no secret.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import type { Agent, Run } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';

const VALUE = 'hunter2-is-no-password';
const NEXT = 'correct-horse-battery-staple';
const CONTROL = 'control-is-no-secret-at-all';

const TASK = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: teller}
spec:
  retry: {limit: 1, backoff: {initial: 1s}}
  run:
    env:
    - {name: DB, valueFrom: {secret: db, key: url}}
    envFrom: [{secret: db, prefix: ALL_}]
    script: |
      echo begin ${CONTROL} $(printf %s "$DB" | sha256sum)
      printf %s ${CONTROL} | base64
      echo "out $DB; $ALL_url"; echo "err $DB" >&2
      printf %s "$DB" | base64; printf %s "user:$DB" | base64
      printf %s "\${DB%????}"; sleep 1; printf '%s\\n' "\${DB#"\${DB%????}"}"
      [ "$CTASK_ATTEMPT" = 2 ] || [ -n "$ONCE" ]
`;
const MISSING = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: lacking}
spec:
  run: {command: ["true"], env: [{name: A, valueFrom: {secret: nowhere, key: x}}]}
`;

function formsOf(value: string): string[] {
  const inside = Buffer.from(`user:${value}`).toString('base64').slice(8, -4);
  return [value, Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1), inside];
}
const holds = (text: string, value: string) => formsOf(value).some((form) => text.includes(form));
const digestOf = (value: string) => createHash('sha256').update(value).digest('hex');

function filesOf(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true }).map((file) => join(directory, String(file)));
  return files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Files of the installation that hold a value: the store, coordination, the agent, what the processes logged. */
function filesWith(directory: string, value: string): string[] {
  return filesOf(directory).filter((file) => holds(readFileSync(file, 'latin1'), value));
}

/** Command lines of all processes of this machine that hold a value. */
function commandsWith(value: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return holds(line, value) ? [line] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** What all GET routes answer, with names that exist; of answers that stay open, what comes in a second. */
async function answers(url: string, token: string, names: Record<string, string>): Promise<Map<string, string>> {
  const get = async (path: string): Promise<string> => {
    let text = '';
    try {
      const signal = AbortSignal.timeout(5000);
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` }, signal });
      const late = setTimeout(() => void response.body?.cancel().catch(() => undefined), 1000);
      for await (const chunk of response.body!) text += Buffer.from(chunk).toString('latin1');
      clearTimeout(late);
    } catch {
      // an answer that stays open was cut off: what came before counts
    }
    return text;
  };
  const { paths } = JSON.parse(await get('/openapi/v3')) as { paths: Record<string, Record<string, unknown>> };
  const found = new Map<string, string>();
  for (const [path, methods] of Object.entries(paths)) {
    if (methods.get === undefined) continue;
    const real = path
      .replace(/\{namespace\}/, 'default')
      .replace(/([a-z]+)\/\{name\}/, (_all, plural: string) => `${plural}/${names[plural] ?? 'default'}`)
      .replace(/\{[^}]*\}/g, '1');
    found.set(real, await get(real));
  }
  for (const plural of ['secrets', 'tasks', 'runs', 'events']) {
    const watch = `/apis/cloudtask.dev/v1/${plural}?watch=true&resourceVersion=1`;
    found.set(watch, await get(watch));
  }
  return found;
}

t.test('a value of a secret is nowhere to be found', { timeout: 240_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const up = await startUp(user);
  const data = join(user.home, 'up');
  const path = join(user.home, 'value.txt');
  const set = async (value: string) => {
    writeFileSync(path, value);
    const manifest = await user.ok([
      'create',
      'secret',
      'db',
      '--from-file',
      `url=${path}`,
      '--dry-run=client',
      '-o',
      'yaml',
    ]);
    await user.ok(['apply', '-f', '-'], { input: manifest });
  };
  await set(VALUE);
  await user.ok(['apply', '-f', '-'], { input: TASK });

  const run = user.start(['run', 'teller', '-f']);
  await run.until(({ stdout }) => stdout.includes('begin'), 'the task begins', 60_000);
  t.same(commandsWith(VALUE), [], 'no process shows it while the task runs');
  const ended = await run.done;
  t.equal(ended.code, 0, ended.stderr);
  t.match(ended.stdout, digestOf(VALUE), 'the task has the value');
  const logs = `${await user.ok(['logs', 'task/teller'])}\n${await user.ok(['logs', 'task/teller', '--attempt', '1'])}`;
  for (const text of [ended.stdout, ended.stderr, logs]) t.notOk(holds(text, VALUE), text);
  t.match(logs, `out ${'*'.repeat(VALUE.length)}; ${'*'.repeat(VALUE.length)}\n`);
  t.match(logs, `err ${'*'.repeat(VALUE.length)}\n`);
  t.match(logs, new RegExp(`\n\\*{${VALUE.length}}\n`), 'also when it is printed in two pieces');
  t.ok(holds(logs, CONTROL), 'what is no secret is there');

  const { items: runs } = await user.json<{ items: Run[] }>(['get', 'runs']);
  t.equal(runs[0]!.status!.attempts!.length, 2, 'it was tried again');
  const { items: agents } = await user.json<{ items: Agent[] }>(['get', 'agents']);
  // Output lies on the agent's disk as it was printed until the center has it.
  for (let left = 200; left > 0 && filesOf(data).some((file) => /attempts.*std(out|err)$/.test(file)); left--)
    await pause(100);
  t.same(filesWith(data, VALUE), [], 'not in a file of store, coordination, agent, or a log of theirs');
  t.ok(
    filesWith(data, CONTROL).some((file) => file.includes('store')),
    'it would be found in the store',
  );

  const token = readFileSync(filesOf(data).find((file) => file.endsWith('admin.token'))!, 'utf8').trim();
  const names = { tasks: 'teller', secrets: 'db', runs: runs[0]!.metadata.name, agents: agents[0]!.metadata.name };
  const found = await answers(up.url, token, names);
  t.ok(found.size > 25, `${found.size} routes`);
  for (const [route, text] of found) t.notOk(holds(text, VALUE), route);
  t.ok(
    [...found.values()].some((text) => holds(text, CONTROL)),
    'it would be found in an answer',
  );

  await t.test('a new value reaches the agent at once', async (t) => {
    await set(NEXT);
    let text = '';
    for (let left = 10; left > 0 && !text.includes(digestOf(NEXT)); left--) {
      text = (await user.ctask(['run', 'teller', '-f', '--env', 'ONCE=1'])).stdout;
    }
    t.match(text, digestOf(NEXT));
    t.notOk(holds(text, NEXT));
  });

  await t.test('an attempt without its secret does not start, and says why', async (t) => {
    const applied = await user.ctask(['apply', '-f', '-'], { input: MISSING });
    t.match(applied, { code: 0, stderr: /secret "nowhere" does not exist; its attempts fail to start/ });
    t.equal((await user.ctask(['run', 'lacking', '-f'])).code, 1);
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=lacking']);
    t.match(items[0]!.status, {
      reason: 'StartFailed',
      message: /Secret default\/nowhere: not found; spec\.run\.env\[0\]/,
    });
  });
  await up.end('SIGINT');
  t.same([...filesWith(data, VALUE), ...filesWith(data, NEXT)], [], 'nor after the end');
});

// A center is killed while it seals secrets with a new key: it goes on where it was, and in the end the old key is of no use.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { SecretKeeper } from '../../center/secrets/index.js';
import { openSqliteStore, type Store } from '../../center/store/index.js';
import type { SecretsKeys } from '../../manifests/index.js';
import { User } from '../support/ctask.js';

const COUNT = 4000;
const KILLS = 3;

t.test('rotation of the key of secrets', { timeout: 240_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const data = join(user.home, 'center');
  const coordination = ['coordination', '--data-dir', join(user.home, 'zk'), '--port', '0'];
  const zookeeper = user.start(coordination);
  t.teardown(() => zookeeper.end('SIGTERM'));
  await zookeeper.until(({ stderr }) => /"port":\d+|port=\d+/.test(stderr), 'coordination listens');
  const port = /"?port"?[:=](\d+)/.exec(zookeeper.stderr)![1]!;
  const start = async (apiPort: string) => {
    const center = user.start(['center', '--data-dir', data, '--port', apiPort, '--zookeeper', `127.0.0.1:${port}`]);
    await center.until(({ stderr }) => stderr.includes('center is ready'), 'the center is ready', 60_000);
    return center;
  };
  let center = await start('0');
  const url = /http:\/\/127\.0\.0\.1:(\d+)/.exec(center.stderr)!;
  user.env.CTASK_SERVER = url[0];
  user.env.CTASK_TOKEN = readFileSync(join(data, 'admin.token'), 'utf8').trim();
  const names = Array.from({ length: COUNT }, (_, i) => `s-${i}`);
  const manifest = (name: string) =>
    `apiVersion: cloudtask.dev/v1\nkind: Secret\nmetadata: {name: ${name}}\nspec: {stringData: {value: "of-${name}"}}\n`;
  await user.ok(['apply', '-f', '-'], { input: names.map(manifest).join('---\n') });
  const keys = () => user.json<SecretsKeys>(['secrets-key', 'status']);
  const old = (await keys()).items[0]!.id;
  const oldFile = readFileSync(join(data, 'secrets.key'));
  const before = await user.ok(['get', 'secrets', '-o', 'json']);

  t.match(await user.ctask(['secrets-key', 'drop', 'abc']), {
    code: 2,
    stderr: /"abc" is no id of a key: 16 hex digits/,
  });
  t.match(await user.ctask(['secrets-key', 'drop', old]), { code: 6, stderr: /new values are sealed with the key/ });
  const ask = async (method: string, path: string): Promise<SecretsKeys> => {
    const headers = { authorization: `Bearer ${user.env.CTASK_TOKEN}` };
    return (
      await fetch(`${url[0]}/apis/cloudtask.dev/v1/secretskeys${path}`, { method, headers })
    ).json() as Promise<SecretsKeys>;
  };
  const left = ({ items }: SecretsKeys) => items.find(({ state }) => state === 'Opening')?.values ?? 0;
  let open = left(await ask('POST', '/rotate'));
  t.ok(open > 0, 'not all are sealed anew when the center is killed');
  for (let kills = 0; kills < KILLS; kills++) {
    await center.end('SIGKILL');
    center = await start(url[1]!);
    await user.ok(['apply', '-f', '-'], { input: manifest(`late-${kills}`) });
    let now = left(await ask('GET', ''));
    for (; now > 0 && now === open; now = left(await ask('GET', '')));
    t.comment(`${now} values are left`);
    t.ok(now <= open, 'what is done is done');
    open = now;
  }
  await user.eventually<SecretsKeys>(['secrets-key', 'status'], ({ items }) =>
    items.every(({ state }) => state !== 'Opening'),
  );
  t.match(
    await user.ok(['secrets-key', 'status']),
    new RegExp(`Sealing +${COUNT + KILLS} +all\n${old} +Unused +0 +all`),
  );
  t.match(await user.ok(['secrets-key', 'drop', old]), `key ${old} dropped`);
  const after = JSON.parse(await user.ok(['get', 'secrets', '-o', 'json'])) as {
    items: { metadata: { name: string } }[];
  };
  const first = JSON.parse(before) as typeof after;
  t.same(
    after.items.filter(({ metadata }) => !metadata.name.startsWith('late-')),
    first.items,
    'no object changed',
  );
  await center.end('SIGTERM');

  const keyFile = join(data, 'secrets.key');
  t.equal(readFileSync(keyFile, 'utf8').trim().split('\n').length, 1);
  const keeper: SecretKeeper = new SecretKeeper({ keyFile, book: () => store.secrets });
  const store: Store = openSqliteStore({ path: join(data, 'store.db'), clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  const values = await store.secrets.values(names.map((name) => ({ namespace: 'default', name })));
  const opened = await keeper.unseal(values);
  t.ok(
    names.every((name) => opened.get(`default/${name}`)?.value === `of-${name}`),
    'every value is what it was',
  );
  await store.stop();

  writeFileSync(keyFile, oldFile);
  const refused = await user.start(['center', '--data-dir', data, '--port', '0', '--zookeeper', `127.0.0.1:${port}`])
    .done;
  t.equal(refused.code, 2);
  t.match(refused.stderr, /the secrets of the store are sealed with key [0-9a-f]{16}, and this is key/);
});

t.test('a key is added to a file', async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const file = join(user.home, 'my.key');
  const add = ['center', 'add-secrets-key', '--secrets-key-file', file];
  t.match(await user.ctask(add), { code: 0, stdout: /^key [0-9a-f]{16} added to .*my\.key\n$/ });
  await user.ctask(add);
  t.match(readFileSync(file, 'utf8'), /^(ctk_[\w-]{43}\n){2}$/);
  writeFileSync(file, 'ctk_no\n');
  t.match(await user.ctask(add), { code: 2, stderr: /my\.key.*line 1 of the file is not a key/ });
});

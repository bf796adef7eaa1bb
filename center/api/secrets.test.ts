// values of secrets go in and never come out: whatever way they are written, whatever is read.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { API, startApi } from '../../test/support/api.js';

const VALUE = 'hunter2-is-no-password';
const OTHER = 'correct-horse-battery';
const SECRETS = `${API}/namespaces/default/secrets`;

function secret(name: string, spec: object): object {
  return { apiVersion: 'cloudtask.dev/v1', kind: 'Secret', metadata: { name, namespace: 'default' }, spec };
}

/** The value, or a form of it that anybody can read. */
function holds(text: string, value: string): boolean {
  return [value, Buffer.from(value).toString('base64').replace(/=+$/, '')].some((form) => text.includes(form));
}

/** Files of a directory that hold the value. */
function filesWith(directory: string, value: string): string[] {
  const files = readdirSync(directory, { recursive: true }).map((file) => join(directory, String(file)));
  return files.filter((file) => statSync(file).isFile() && holds(readFileSync(file, 'latin1'), value));
}

t.test('values come in every way and go out in none', async (t) => {
  const dataDir = t.testdir();
  const api = await startApi(t, { dataDir });
  const answers: string[] = [];
  const ask = async (...args: Parameters<typeof api.request>) => {
    const answer = await api.request(...args);
    answers.push(answer.text);
    return answer;
  };
  const watch = await api.lines(`${SECRETS}?watch=true`);
  const body = { objects: [secret('a', { stringData: { url: VALUE } })] };
  const first = await ask('POST', `${API}/apply`, { body });
  t.equal(first.status, 200, first.text);
  const mark = first.json.results[0].object.spec.data.url as string;
  t.match(mark, /^sealed:[\w-]{22}$/);
  t.same(Object.keys(first.json.results[0].object.spec), ['data']);

  const again = await ask('POST', `${API}/apply`, { body });
  t.equal(again.json.results[0].operation, 'unchanged', 'the same value again is nothing');
  const back = { objects: [secret('a', { data: { url: mark } })] };
  t.equal(
    (await ask('POST', `${API}/apply`, { body: back })).json.results[0].operation,
    'unchanged',
    'a mark stands for it',
  );

  const dry = await ask('POST', `${API}/apply`, {
    body: { objects: [secret('a', { stringData: { url: OTHER } })], dryRun: true },
  });
  t.equal(dry.json.results[0].operation, 'configured');
  t.not(dry.json.results[0].object.spec.data.url, mark, 'another value shows as a difference');

  const base64 = Buffer.from(OTHER).toString('base64');
  t.equal((await ask('POST', SECRETS, { body: secret('b', { data: { pin: base64 } }) })).status, 201);
  const put = await ask('PUT', `${SECRETS}/b`, { body: secret('b', { stringData: { pin: VALUE }, data: {} }) });
  t.equal(put.status, 200, put.text);
  const patched = await ask('PATCH', `${SECRETS}/b`, {
    body: JSON.stringify({ spec: { stringData: { more: OTHER } } }),
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.same(Object.keys(patched.json.spec.data), ['more', 'pin'], 'what is not written stays');
  t.equal(patched.json.spec.data.pin, put.json.spec.data.pin);
  const labelled = await ask('PATCH', `${SECRETS}/b`, {
    body: JSON.stringify({ metadata: { labels: { team: 'x' } } }),
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.same(labelled.json.spec, patched.json.spec);

  for (const path of [SECRETS, `${SECRETS}/a`, `${API}/secrets`, `${API}/audit`, `${API}/events`]) {
    await ask('GET', path);
    await ask('GET', path, { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } });
  }
  const seen = JSON.stringify([await watch.next(), await watch.next(), await watch.next()]);
  t.notOk(holds(seen, VALUE) || holds(seen, OTHER), 'nor does a watch');
  t.ok(
    holds(`url: ${VALUE}`, VALUE) && holds(`url: ${Buffer.from(VALUE).toString('base64')}`, VALUE),
    'it would be seen',
  );
  for (const text of answers) t.notOk(holds(text, VALUE) || holds(text, OTHER), text.slice(0, 60));

  t.same([...filesWith(dataDir, VALUE), ...filesWith(dataDir, OTHER)], [], 'nor does the disk hold it');
  t.ok(filesWith(dataDir, mark).length > 0, 'what the store holds is found');
  t.equal(statSync(join(dataDir, 'secrets.key')).mode & 0o777, 0o600);
  const values = await api.store.secrets.values([{ namespace: 'default', name: 'b' }]);
  t.same(
    values.map(({ key }) => key),
    ['more', 'pin'],
  );
  await ask('DELETE', `${SECRETS}/b`);
  t.same(await api.store.secrets.values([{ namespace: 'default', name: 'b' }]), [], 'values go with their secret');
});

t.test('what is refused is refused without telling the value', async (t) => {
  const api = await startApi(t);
  const cases: [spec: object, said: RegExp][] = [
    [{ data: { pin: 'not base64!' } }, /spec\.data\.pin: Invalid value: must be base64 of UTF-8 text/],
    [{ data: { pin: Buffer.from([0xff, 0xfe]).toString('base64') } }, /must be base64 of UTF-8 text/],
    [{ stringData: { pin: 4711081512 } }, /must be a string; write it in quotes/],
    [{ stringData: { pin: `${VALUE}\0` } }, /NUL byte/],
    [{ stringData: { pin: VALUE.repeat(4000) } }, /more than 65536 bytes/],
    [{ stringData: { 'a b': VALUE } }, /a key consists of/],
    [{ data: { pin: 'sealed:AAAAAAAAAAAAAAAAAAAAAA' } }, /a mark stands only for the value that is stored under it/],
    [{ password: VALUE }, /unknown field \\"spec\.password\\"/],
  ];
  for (const [spec, said] of cases) {
    const { status, text } = await api.request('POST', SECRETS, { body: secret('a', spec) });
    t.ok(status >= 400 && status < 500, `${status} ${text.slice(0, 80)}`);
    t.match(text, said);
    t.notOk(/4711081512|not base64!/.test(text) || holds(text, VALUE), 'no value in it');
  }
  const nameless = {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Secret',
    metadata: { generateName: 'x-' },
    spec: { stringData: { a: VALUE } },
  };
  t.equal((await api.request('POST', SECRETS, { body: nameless })).status, 400, 'a value is sealed for its name');
});

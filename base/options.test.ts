import t from 'tap';
import { flagOf, type OptionTable, resolveOptions, variableOf } from './options.js';

const table: OptionTable = [
  { name: 'dataDir', type: 'string', description: 'd' },
  { name: 'port', type: 'integer', description: 'p', default: 7070, range: [0, 65_535] },
  { name: 'sessionTimeout', type: 'duration', description: 's', default: 4000 },
  { name: 'labels', type: 'map', description: 'l', default: {} },
  { name: 'center', type: 'list', description: 'c', default: [] },
  { name: 'insecure', type: 'boolean', description: 'i', default: false },
  { name: 'token', type: 'string', description: 't', secret: true },
];

t.test('flag beats variable beats file beats default', async (t) => {
  const env = { CTASK_PORT: '2', CTASK_SESSION_TIMEOUT: '10s' };
  const file = { path: 'center.yaml', values: { port: 3, labels: { disk: 'ssd' }, dataDir: '/data' } };
  const got = resolveOptions(table, { flags: { port: '1' }, env, file });
  t.match(got, { port: 1, sessionTimeout: 10_000, labels: { disk: 'ssd' }, dataDir: '/data', insecure: false });
  t.equal(resolveOptions(table, { flags: {}, env, file }).port, 2);
  t.equal(resolveOptions(table, { flags: {}, env: {}, file }).port, 3);
  t.equal(resolveOptions(table, { flags: {}, env: {} }).port, 7070);
});

t.test('a wrong value names its source and what was wanted', async (t) => {
  const resolve =
    (flags: object, env = {}, file?: { path: string; values: Record<string, unknown> }) =>
    () =>
      resolveOptions(table, { flags: { ...flags }, env, ...(file ? { file } : {}) });
  t.throws(resolve({ port: 'x' }), { code: 'CT_CONFIG_INVALID', message: '--port: "x" is not an integer' });
  t.throws(resolve({ port: '99999' }), { message: '--port: "99999" is not from 0 to 65535' });
  t.throws(resolve({}, { CTASK_SESSION_TIMEOUT: '4' }), {
    message: 'CTASK_SESSION_TIMEOUT: "4" is not a duration such as 4s',
  });
  t.throws(resolve({}, {}, { path: 'a.yaml', values: { prot: 1 } }), { message: 'a.yaml: unknown option "prot"' });
  t.throws(resolve({ labels: 'a' }), { message: '--labels: "a" is not a list of name=value' });
  t.throws(resolve({ token: '' }), { message: '--token: *** is not a non-empty string' });
});

t.test('names', async (t) => {
  t.equal(flagOf('sessionTimeout'), '--session-timeout');
  t.equal(variableOf('sessionTimeout'), 'CTASK_SESSION_TIMEOUT');
});

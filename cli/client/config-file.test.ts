import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../base/index.js';
import type { GlobalOptions } from '../global-options.js';
import type { Host } from '../host.js';
import { configPaths, readConfig } from './config-file.js';
import { resolveSettings } from './settings.js';
import { writeContext } from './write-context.js';

const write = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

const host = (env: Record<string, string>, homeDir = '/home/me'): Host =>
  ({ env, homeDir, platform: 'linux', clock: systemClock }) as unknown as Host;

const FIRST = `apiVersion: config.cloudtask.dev/v1
kind: Config
current-context: prod # the real thing
servers:
- name: prod
  servers: [https://a:7070, https://b:7070]
users:
- name: viewer
  user: {token-file: token}
contexts:
- name: prod
  context: {server: prod, user: viewer, namespace: billing, colour: red}
`;
const SECOND = `current-context: other
servers:
- name: prod
  server: https://wrong:1
- name: other
  server: http://127.0.0.1:7070
users:
- name: plain
  user:
    token: ct_plain
contexts:
- name: other
  context:
    server: other
    user: plain
`;

t.test('where the file is', async (t) => {
  t.same(configPaths(host({})), ['/home/me/.config/ctask/config.yaml']);
  t.same(configPaths(host({ XDG_CONFIG_HOME: '/x' })), ['/x/ctask/config.yaml']);
  t.same(configPaths(host({ CTASK_CONFIG: '/a::/b:/a' })), ['/a', '/b']);
  t.same(configPaths(host({ CTASK_CONFIG: '/a:/b' }), '/flag'), ['/flag']);
});

t.test('files are merged, the first one wins (C-81)', async (t) => {
  const dir = t.testdir();
  const files = [write(join(dir, '1.yaml'), FIRST), join(dir, 'missing.yaml'), write(join(dir, '2.yaml'), SECOND)];
  const merged = await readConfig(files);
  t.equal(merged.currentContext, 'prod');
  t.same(
    merged.servers.map(({ name, file }) => [name, file]),
    [
      ['prod', files[0]],
      ['other', files[2]],
    ],
  );
  t.same(merged.servers[0]?.value.servers, ['https://a:7070', 'https://b:7070']);
  t.same(
    merged.contexts.map(({ name }) => name),
    ['prod', 'other'],
  );
  t.same(merged.warnings, []);
});

t.test('flag beats variable beats context beats default (C-76, C-87, G-21)', async (t) => {
  const dir = t.testdir();
  const files = [write(join(dir, '1.yaml'), FIRST), write(join(dir, '2.yaml'), SECOND)].join(':');
  write(join(dir, 'token'), 'ct_from_file\n');
  const resolve = (env: Record<string, string> = {}, globals: GlobalOptions = {}) =>
    resolveSettings(host({ CTASK_CONFIG: files, ...env }), globals);
  t.match(await resolve(), {
    ...{ namespace: 'billing', servers: ['https://a:7070', 'https://b:7070'], token: 'ct_from_file' },
    ...{ context: { name: 'prod' }, requestTimeoutMs: 30_000, verbosity: 0 },
  });
  t.match(await resolve({ CTASK_CONTEXT: 'other' }), {
    namespace: 'default',
    servers: ['http://127.0.0.1:7070'],
    token: 'ct_plain',
  });
  t.match(await resolve({ CTASK_CONTEXT: 'other' }, { context: 'prod' }), { context: { name: 'prod' } });
  t.match(await resolve({ CTASK_NAMESPACE: 'env', CTASK_TOKEN: 'ct_env', CTASK_SERVER: 'localhost:1' }), {
    ...{ namespace: 'env', token: 'ct_env', servers: ['http://localhost:1'] },
  });
  t.match(
    await resolve(
      { CTASK_NAMESPACE: 'env' },
      { namespace: 'flag', server: 'ctask.example.com:7070', requestTimeout: '5' },
    ),
    {
      ...{
        namespace: 'flag',
        namespaceGiven: true,
        servers: ['https://ctask.example.com:7070'],
        requestTimeoutMs: 5000,
      },
    },
  );
  t.match((await resolve({ CTASK_SERVER: 'http://x' }, { server: 'http://y', token: 'ct_x' })).warnings, [
    /can be seen/,
    /CTASK_SERVER/,
  ]);
  for (const wrong of [{ context: 'nope' }, { server: 'http://[' }]) {
    await t.rejects(resolve({}, wrong), { code: 'CT_CONFIG_INVALID' });
  }
  for (const wrong of [{ requestTimeout: 'soon' }, { v: 'x' }])
    await t.rejects(resolve({}, wrong), { code: 'CT_USAGE' });
});

t.test('what cannot be used is named', async (t) => {
  const dir = t.testdir();
  const table: [string, RegExp][] = [
    ['a: [', /not YAML/],
    ['- 1', /not a mapping/],
    ['apiVersion: v2', /apiVersion is "v2"/],
    ['servers: 1', /servers is not a list/],
    ['users:\n- user: {}', /an entry of users has no name/],
  ];
  for (const [text, message] of table) {
    await t.rejects(readConfig([write(join(dir, 'x.yaml'), text)]), { code: 'CT_CONFIG_INVALID', message }, text);
  }
  await t.rejects(readConfig([dir]), { code: 'CT_CONFIG_INVALID' });
  const open = write(join(dir, 'open.yaml'), 'kind: Config\n');
  const { chmodSync } = await import('node:fs');
  chmodSync(open, 0o644);
  t.match((await readConfig([open])).warnings, [/can be read by others/]);
});

t.test('writing a context keeps what others wrote', async (t) => {
  const dir = t.testdir();
  const file = write(join(dir, 'config.yaml'), FIRST);
  const me = host({ CTASK_CONFIG: file }, dir);
  const context = { name: 'local', server: 'http://127.0.0.1:7070', tokenFile: '/data/admin.token' };
  t.same(await writeContext(context, me, systemClock), { path: file, current: false });
  const text = readFileSync(file, 'utf8');
  t.match(text, 'current-context: prod # the real thing');
  t.match(text, 'colour: red');
  const merged = await readConfig([file]);
  t.same(
    merged.contexts.map(({ name }) => name),
    ['prod', 'local'],
  );
  t.same(merged.users.find(({ name }) => name === 'local')?.value, { 'token-file': '/data/admin.token' });

  t.same(await writeContext({ ...context, server: 'http://127.0.0.1:9', makeCurrent: true }, me, systemClock), {
    path: file,
    current: true,
  });
  t.match(await readConfig([file]), {
    currentContext: 'local',
    servers: [{}, { value: { server: 'http://127.0.0.1:9' } }],
  });
  t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test('the first context is current; two writers at once lose nothing (C-81)', async (t) => {
  const dir = t.testdir();
  const me = host({ XDG_CONFIG_HOME: dir }, dir);
  t.same(await writeContext({ name: 'one', server: 'http://127.0.0.1:1', token: 'ct_1' }, me, systemClock), {
    ...{ path: join(dir, 'ctask', 'config.yaml'), current: true },
  });
  const names = ['two', 'three', 'four', 'five'];
  await Promise.all(
    names.map((name) =>
      writeContext({ name, server: `http://127.0.0.1:${name.length}`, token: 'ct' }, me, systemClock),
    ),
  );
  const merged = await readConfig(configPaths(me));
  t.same(merged.contexts.map(({ name }) => name).sort(), ['one', ...names].sort());
  t.equal(merged.currentContext, 'one');
  t.equal(statSync(join(dir, 'ctask', 'config.yaml')).mode & 0o777, 0o600);
});

t.test('a lock left by a dead process is broken', async (t) => {
  const dir = t.testdir();
  const me = host({ XDG_CONFIG_HOME: dir }, dir);
  write(join(dir, 'ctask', 'config.yaml.lock'), 'somebody who died');
  let elapsed = 0;
  const clock = {
    ...systemClock,
    monotonic: () => elapsed,
    sleep: async () => {
      elapsed += 1000;
    },
  };
  await writeContext({ name: 'one', server: 'http://127.0.0.1:1', token: 'ct_1' }, me, clock);
  t.equal((await readConfig(configPaths(me))).currentContext, 'one');
});

// Commands about where requests go and as whom: ctx, ns, config, info, auth.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

t.test('where requests go, and as whom', async (t) => {
  const { center, user } = await startCliWorld(t);
  const env = { XDG_STATE_HOME: join(user.home, 'state') };
  const type = (line: string, more: Record<string, string> = {}) => user.type(line, { env: { ...env, ...more } });
  const config = () => readFileSync(join(user.home, 'config.yaml'), 'utf8');
  t.match(await type('create namespace billing'), { code: 0 });

  await t.test('C-82: ctx', async (t) => {
    t.same(await type('ctx'), { code: 0, stdout: '* local\n', stderr: '' });
    t.match(await type('ctx -'), { code: 2, stderr: 'error: no context was in use before\n' });
    t.match(await type('config set-context other -s local --user local'), { code: 0 });
    t.same(await type('ctx other'), { code: 0, stdout: 'Switched to context "other".\n', stderr: '' });
    t.match(await type('ctx'), { stdout: '  local\n* other\n' });
    t.match(await type('ctx -'), { code: 0, stdout: 'Switched to context "local".\n' });
    t.match(await type('ctx -'), { code: 0, stdout: 'Switched to context "other".\n' });
    t.match(await type('ctx nope'), { code: 2, stderr: /no context exists with the name "nope"/ });
    await type('ctx local');
  });

  await t.test('C-82: ns', async (t) => {
    t.match(await type('ns'), { code: 0, stdout: /^ {2}billing\n(.*\n)*\* default\n/m });
    t.match(await type('ns billing'), {
      code: 0,
      stdout: 'Context "local" modified.\nActive namespace is "billing".\n',
    });
    t.match(await type('get tasks'), { code: 0, stderr: 'No resources found in billing namespace.\n' });
    t.match(await type('ns -'), { code: 0, stdout: /Active namespace is "default"\.\n$/ });
    t.match(await type('ns nope'), { code: 5, stderr: /namespaces\.cloudtask\.dev "nope" not found/ });
    t.match(await type('ns later --force'), { code: 0, stdout: /Active namespace is "later"/ });
    t.match(await type('ns default'), { code: 0 });
  });

  await t.test('C-82: the other verbs of config', async (t) => {
    const table: [string, number, string | RegExp][] = [
      ['config rename-context other another', 0, 'Context "other" renamed to "another".\n'],
      ['config rename-context nope x', 2, /cannot rename the context "nope", it does not exist/],
      ['config rename-context another local', 2, /the context "local" already exists/],
      ['config set contexts.another.namespace billing', 0, 'Property "contexts.another.namespace" set.\n'],
      ['config get-contexts another --no-headers', 0, / another +local +local +billing\n$/],
      ['config unset contexts.another.namespace', 0, 'Property "contexts.another.namespace" unset.\n'],
      ['config unset users.nobody', 2, /hint: 'ctask config delete-user nobody' removes the whole entry/],
      ['config unset contexts.nope.namespace', 2, /it does not exist/],
      ['config set contexts.another.colour red', 2, /"colour" is not one of server, user, namespace/],
      ['config set contexts.another.protected yes', 2, /"protected" is true or false, not "yes"/],
      ['config set contexts.another.protected true', 0, 'Property "contexts.another.protected" set.\n'],
      ['config set-context another --current', 2, /name a context, or give --current, not both/],
      ['config set nonsense red', 2, /is not current-context, or SECTION\.NAME\.KEY/],
      ['config set clusters.old.server http://127.0.0.1:1', 0, 'Property "clusters.old.server" set.\n'],
      ['config get-clusters', 0, 'NAME\nlocal\nold\n'],
      ['config delete-server old', 0, /^deleted server "old" from .*config\.yaml\n$/],
      ['config delete-server old', 2, /cannot delete server "old", it does not exist/],
      ['config get-users', 0, 'NAME\nlocal\n'],
      ['config set users.me.token ct_x', 0, 'Property "users.me.token" set.\n'],
      ['config delete-user me', 0, /^deleted user "me"/],
      ['config set current-context another', 0, 'Property "current-context" set.\n'],
      ['config rename-context another third', 0, 'Context "another" renamed to "third".\n'],
      ['config current-context', 0, 'third\n'],
      ['config unset current-context', 0, 'Property "current-context" unset.\n'],
      ['config current-context', 2, /current-context is not set/],
      ['config view --minify', 2, /what the current context uses, and there is none/],
      ['config use-context local', 0, 'Switched to context "local".\n'],
    ];
    for (const [line, code, said] of table) {
      const outcome = await type(line);
      t.equal(outcome.code, code, line);
      t.match(code === 0 ? outcome.stdout : outcome.stderr, said, line);
    }
    t.match(config(), /^current-context: local$/m);
  });

  await t.test('info: each setting and its source; no server, no token', async (t) => {
    const { code, stdout } = await type('info -n billing', {
      CTASK_SERVER: 'http://127.0.0.1:1',
      CTASK_TOKEN: 'ct_verysecret',
    });
    t.equal(code, 0);
    t.match(stdout, /^context +local +.*config\.yaml$/m);
    t.match(stdout, /^server +http:\/\/127\.0\.0\.1:1 +\$CTASK_SERVER$/m);
    t.match(stdout, /^namespace +billing +--namespace$/m);
    t.match(stdout, /^token +<masked> +\$CTASK_TOKEN$/m);
    t.match(stdout, /^request timeout +30s +default$/m);
    t.notMatch(stdout, 'verysecret');
    t.match(stdout, /^preferences +\S+ctaskrc\.yaml +default$/m);
    const { settings } = JSON.parse((await type('info -o json')).stdout);
    t.match(
      settings.find((row: { setting: string }) => row.setting === 'server'),
      { value: center.url, source: join(user.home, 'config.yaml') },
    );
  });

  await t.test('C-56, C-96: api-versions and options', async (t) => {
    t.same(await type('api-versions'), { code: 0, stdout: 'cloudtask.dev/v1\n', stderr: '' });
    const { stdout } = await type('options');
    t.match(stdout, /^The following options can be passed to any command:\n\n.*--config <file>/);
    t.equal((await type('help options')).stdout, stdout);
  });

  await t.test('C-79: whoami', async (t) => {
    t.match(await type('auth whoami'), {
      code: 0,
      stdout: /^ATTRIBUTE +VALUE\nUsername +admin\nGroups +\[cloudtask:admin\]\nContext +local\nServer +http/,
    });
    const agent = readFileSync(center.tokenFile.replace('admin', 'agent'), 'utf8').trim();
    t.match(JSON.parse((await type('auth whoami -o json', { CTASK_TOKEN: agent })).stdout), {
      kind: 'SelfSubjectReview',
      status: { userInfo: { username: 'agent' } },
    });
    t.match(await type('auth whoami', { CTASK_TOKEN: 'ct_wrong' }), { code: 4, stdout: '' });
  });

  await t.test('C-78: can-i', async (t) => {
    const agent = { CTASK_TOKEN: readFileSync(center.tokenFile.replace('admin', 'agent'), 'utf8').trim() };
    const table: [string, Record<string, string>, number, string][] = [
      ['delete tasks', {}, 0, 'yes\n'],
      ['run task/hello', {}, 0, 'yes\n'],
      ['* *', {}, 0, 'yes\n'],
      ['fly tasks', {}, 1, 'no - "admin" may not fly tasks in namespace "default"\n'],
      ['delete tasks --as viewer', {}, 1, 'no - "viewer" may not delete tasks in namespace "default"\n'],
      ['get tk --as viewer', {}, 0, 'yes\n'],
      ['watch agents --as viewer', {}, 0, 'yes\n'],
      ['logs runs --as viewer', {}, 0, 'yes\n'],
      ['run tasks --as viewer', {}, 1, 'no - "viewer" may not run tasks in namespace "default"\n'],
      ['run tasks --as operator', {}, 0, 'yes\n'],
      ['apply tasks --as editor', {}, 0, 'yes\n'],
      ['drain agents --as editor', {}, 1, 'no - "editor" may not drain agents\n'],
      ['* * --as admin', {}, 0, 'yes\n'],
      ['get tasks', agent, 0, 'yes\n'],
      ['delete tasks', agent, 1, 'no - "agent" may not delete tasks in namespace "default"\n'],
      ['delete tasks -q', agent, 1, ''],
    ];
    for (const [words, more, code, stdout] of table)
      t.same(await type(`auth can-i ${words}`, more), { code, stdout, stderr: '' }, words);
    t.match(await type('auth can-i delete tasks --as mallory'), {
      code: 1,
      stdout: 'no - "mallory" may not delete tasks in namespace "default"\n',
    });
    t.match(await type('auth can-i delete tasks --as viewer', agent), { code: 4, stderr: /Forbidden/ });
    t.match(await type('auth can-i delete'), { code: 2 });
    t.match(await type('auth can-i delete tsks'), { code: 2, stderr: /Did you mean this\?\n\ttasks/ });
    t.match(await type('auth can-i get /metrics'), { code: 2, stderr: /"\/metrics" is a path:.*--list/ });
    const { stdout } = await type('auth can-i --list', agent);
    t.match(stdout, /^RESOURCES +NON-RESOURCE-URLS +VERBS$/m);
    t.match(stdout, /^tasks\.cloudtask\.dev +\[\] +\[get list .*watch\b/m);
    t.match(stdout, /\[\/ \/apis .*\/version\] +\[get\]$/m);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CliUser } from '../../test/support/cli-terminal.js';
import { applyPreferences } from './preferences.js';

const RC = `apiVersion: config.cloudtask.dev/v1
defaults:
- command: get
  options:
  - name: output
    default: wide
  - name: show-labels
    default: true
- command: config view
  options:
  - name: minify
    default: true
aliases:
- name: failed
  command: get
  prependArgs:
  - runs
  options:
  - name: field-selector
    default: status.state=Failed
- name: delete
  command: get
`;

function host(t: Test, text?: string, env: Record<string, string> = {}) {
  const home = t.testdir(text === undefined ? {} : { 'ctaskrc.yaml': text });
  return { env: { CTASK_CONFIG: join(home, 'config.yaml'), ...env }, homeDir: home, platform: 'linux' } as const;
}

t.test('C-86: defaults and aliases, beaten by what is on the line', async (t) => {
  const here = host(t, RC);
  const expanded = (line: string) => applyPreferences(line.split(' '), here, (verb) => verb === 'delete');
  const table: [string, string][] = [
    ['get tasks', 'get tasks --output=wide --show-labels'],
    ['get tasks -o json', 'get tasks -o json --show-labels'],
    ['get tasks --output=name --show-labels', 'get tasks --output=name --show-labels'],
    ['-n x get tasks', '-n x get tasks'],
    ['describe task x', 'describe task x'],
    ['config view', 'config view --minify'],
    ['config get-contexts', 'config get-contexts'],
    ['failed -A', 'get runs -A --field-selector=status.state=Failed --output=wide --show-labels'],
    ['delete task x', 'delete task x'],
    ['failed -- x', 'get runs --field-selector=status.state=Failed --output=wide --show-labels -- x'],
  ];
  for (const [line, result] of table) t.equal((await expanded(line)).join(' '), result, line);
});

t.test('none, another one, a broken one', async (t) => {
  const line = ['get', 'tasks'];
  t.same(await applyPreferences(line, host(t), () => false), line);
  t.same(await applyPreferences(line, host(t, RC, { CTASK_RC: 'off' }), () => false), line);
  await t.rejects(
    applyPreferences(line, host(t, undefined, { CTASK_RC: '/nope' }), () => false),
    {
      code: 'CT_CONFIG_INVALID',
    },
  );
  const broken = [
    'defaults: 3\n',
    'defaults:\n- options: []\n',
    'aliases:\n- command: get\n',
    'a: [\n',
    'apiVersion: v9\n',
  ];
  for (const text of broken)
    await t.rejects(
      applyPreferences(line, host(t, text), () => false),
      { code: 'CT_CONFIG_INVALID' },
      text,
    );
});

t.test('in the program', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  writeFileSync(
    join(user.home, 'ctaskrc.yaml'),
    'aliases:\n- name: v\n  command: version\n  options: [{name: client, default: true}, {name: output, default: json}]\n',
  );
  t.same(await user.type('v'), { code: 0, stdout: '{\n  "clientVersion": "1.2.3"\n}\n', stderr: '' });
  t.match(await user.type('v', { env: { CTASK_RC: 'off' } }), { code: 2, stderr: /unknown command "v"/ });
  writeFileSync(join(user.home, 'ctaskrc.yaml'), 'defaults: 3\n');
  t.match(await user.type('version --client'), { code: 2, stderr: /ctaskrc\.yaml: defaults is not a list/ });
});

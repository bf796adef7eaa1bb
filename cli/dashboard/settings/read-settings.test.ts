import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import { repository } from '../../../test/support/ctask.js';
import { readSettings } from './read-settings.js';
import { NO_SETTINGS } from './settings.js';

const FILE = 'ctaskrc.yaml';
const PLUGIN = `ui:
  plugins:
  - shortcut: Shift-B
    scopes: [tasks, runs]
    description: Browser
    command: xdg-open
`;

/** What `text` is refused with, `line:col message` each. */
function refusal(t: Test, text: string): string[] {
  try {
    readSettings(text, FILE);
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_CONFIG_INVALID')) throw error;
    const { details } = error as CloudTaskError;
    t.equal(details.subject, FILE);
    return (details.causes ?? []).map(({ at, message }) => `${at?.slice(FILE.length + 1)} ${message}`);
  }
  return [];
}

t.test('everything there is', async (t) => {
  const settings = readSettings(
    `apiVersion: config.cloudtask.dev/v1
ui:
  skin: colour-blind
  mouse: true
  readOnly: true
  views:
    tasks:
      columns:
      - name: status
      - {name: TEAM, path: .metadata.labels.team}
    runs: {columns: []}
  aliases:
    broken: runs all /Failed
  plugins:
  - shortcut: B
    scopes: [all]
    description: Open in the browser
    command: sh
    args: [-c, 'open "$NAME"']
    dangerous: true
`,
    FILE,
  );
  t.strictSame(settings, {
    ...{ skin: 'colour-blind', mouse: true, readOnly: true },
    columns: new Map([['tasks', [{ name: 'status' }, { name: 'TEAM', path: '.metadata.labels.team' }]]]),
    aliases: new Map([['broken', 'runs all /Failed']]),
    plugins: [
      {
        ...{ args: ['-c', 'open "$NAME"'], confirm: false, dangerous: true, background: false },
        ...{ shortcut: 'shift-b', scopes: ['all'], description: 'Open in the browser', command: 'sh' },
      },
    ],
  });
  for (const text of ['', 'aliases: []\n', 'ui:\n', 'ui: {}\n']) t.same(readSettings(text, FILE), NO_SETTINGS);
});

t.test('the example of the documentation', async (t) => {
  const page = readFileSync(join(repository, 'docs/dashboard.md'), 'utf8');
  const example = /```yaml\n(apiVersion[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { plugins, columns, aliases } = readSettings(example, FILE);
  t.equal(plugins.length, 3);
  t.equal(columns.get('tasks')?.length, 3);
  t.same([...aliases.keys()], ['broken']);
  const [head, line] = /```\nerror: .*ctaskrc\.yaml: (.*)\n.*ctaskrc\.yaml:(.*)\n```/.exec(page)?.slice(1) ?? [];
  t.equal(head, '1 problem in the settings of the dashboard');
  const said = refusal(t, example.replace('shortcut: b', 'shortcut: d'));
  t.strictSame(said, [line?.replace(': error:', '')]);
});

t.test('what is wrong is said with its place, all of it', async (t) => {
  const table: Readonly<Record<string, readonly (string | RegExp)[]>> = {
    'ui: [1]\n': ['1:5 ui: Invalid type: list: must be a map'],
    'ui:\n  skn: light\n  mouse: yes please\n': [
      '2:3 unknown field "ui.skn"; did you mean "skin"?',
      '3:10 ui.mouse: Invalid type: string: must be a boolean',
    ],
    'ui:\n  skin: ligth\n': [
      '2:9 ui.skin: Unsupported value: "ligth": supported values: "default", "light", "colour-blind", "mono"; did you mean "light"?',
    ],
    'ui:\n  views:\n    task: {}\n': ['3:5 unknown field "ui.views.task"; did you mean "tasks"?'],
    'ui:\n  views:\n    tasks:\n      columns:\n      - name: STATE\n      - {name: X, path: "{.a["}\n': [
      /^6:25 ui\.views\.tasks\.columns\[1\]\.path: Invalid value: "\{\.a\[": /,
    ],
    'ui:\n  views:\n    tasks:\n      columns:\n      - name: STATS\n': [
      '5:15 ui.views.tasks.columns[0].name: Invalid value: "STATS": tasks have no such column, and it has no path; did you mean "STATUS"?',
    ],
    'ui:\n  aliases:\n    Bad Name: runs\n    runs: tasks\n': [
      '3:5 ui.aliases: Invalid name: "Bad Name": must consist of lower-case letters, digits and "-", and begin with a letter',
    ],
    'ui:\n  aliases:\n    runs: tasks\n    broken: rnus all\n': [
      '3:5 ui.aliases.runs: Invalid name: "runs" is a command already',
      '4:13 ui.aliases.broken: Invalid value: "rnus all": there is no command "rnus"; did you mean "runs"?',
    ],
    'ui:\n  plugins:\n  - shortcut: b\n    scopes: [task]\n': [
      /^4:14 ui\.plugins\[0\]\.scopes\[0\]: Unsupported value: "task": .*; did you mean "tasks"\?$/,
      '3:5 ui.plugins[0].description: Required value',
      '3:5 ui.plugins[0].command: Required value',
    ],
    'ui:\n  plugins: 3\n': ['2:12 ui.plugins: Invalid type: number: must be a list'],
    'a: [\n': [/^2:1 /],
  };
  for (const [text, expected] of Object.entries(table)) t.match(refusal(t, text), expected, text);
});

t.test('a shortcut that is taken, or no key, is refused', async (t) => {
  const withKey = (shortcut: string, scopes = '[tasks, runs]') =>
    PLUGIN.replace('Shift-B', JSON.stringify(shortcut)).replace('[tasks, runs]', scopes);
  t.strictSame(refusal(t, PLUGIN), []);
  const table: readonly (readonly [string, string, string | undefined])[] = [
    ['d', '[agents]', 'the key is taken: Describe, in agents'],
    ['t', '[tasks]', 'the key is taken: Trigger, in tasks'],
    ['t', '[events]', undefined],
    ['t', '[all]', 'the key is taken: Trigger, in tasks'],
    ['Ctrl-K', '[runs]', 'the key is taken: Cancel, in runs'],
    ['?', '[tasks]', 'the key is taken: Help, in tasks'],
    ['5', '[tasks]', 'the key is taken: Namespace 1 to 9, in tasks'],
    ['ctrl-h', '[tasks]', 'a terminal sends it for backspace'],
    ['alt-x', '[tasks]', 'must be one letter, or one behind "shift-" or "ctrl-"'],
  ];
  for (const [key, scopes, why] of table) {
    const said = refusal(t, withKey(key, scopes));
    const where = `3:15 ui.plugins[0].shortcut: Invalid value: `;
    if (why === undefined) t.strictSame(said, [], `${key} ${scopes}`);
    else {
      t.equal(said.length, 1, `${key} ${scopes}`);
      t.ok(said[0]?.startsWith(where) && said[0].endsWith(why), said.join());
    }
  }
  const second = PLUGIN.split('\n').slice(2).join('\n');
  t.match(refusal(t, PLUGIN + second.replace('[tasks, runs]', '[all]')), [
    '7:15 ui.plugins[1].shortcut: Invalid value: "shift-b": the key is taken: Browser',
  ]);
  t.strictSame(refusal(t, PLUGIN + second.replace('[tasks, runs]', '[agents]')), []);
});

// docs/dashboard-keys.md, from the tables that the dashboard dispatches its keys and commands by.
import { type KeyRow, keymap, type Scope } from '../cli/dashboard/keys/keymap.js';
import { commandWords } from '../cli/dashboard/navigation/commands.js';

const TITLES: Readonly<Record<Scope, string>> = {
  global: 'Everywhere',
  list: 'Where there is something to move in',
  table: 'Tables',
  tasks: 'Tasks',
  runs: 'Runs',
  agents: 'Agents',
  revisions: 'Revisions of a task',
  text: 'Texts and logs',
  yaml: 'YAML',
  logs: 'Logs',
  search: 'Search of a whole log',
  pulses: 'Pulses',
  xray: 'Xray',
  timeline: 'Timeline',
  doctor: 'Doctor',
  next: 'Next runs of a task',
  object: 'Whatever is under the cursor of xray or timeline, and the task of the next runs',
  ofTask: 'Tasks there',
  ofRun: 'Runs there',
};

const INTRODUCTION = `# Keys of the dashboard

What \`ctask ui\` does with each key and command; \`?\` shows those of the screen one is on. A key of a screen comes before one that works
everywhere. With \`--readonly\` keys marked "writes" do nothing.
`;

const COMMANDS = `## Commands

Behind \`:\`, with Tab for the rest and the arrows for earlier ones. A kind by any of its names opens its table; a namespace (or \`all\`), labels
(\`team=fin\`), a context (\`@prod\`) and a filter (\`/text\`) may follow.

| command | what it does |
| --- | --- |
`;

const FILTERS = `
## Filters

Behind \`/\`. Enter keeps the filter, Esc clears it.

| filter | what stays |
| --- | --- |
| \`text\` | rows in which the regular expression matches; capitals make the case count |
| \`!text\` | rows in which it does not |
| \`-l team=fin\` | objects with these labels |
| \`-f abc\` | names with these letters in this order |
`;

export function keysPage(): string {
  const rows: readonly KeyRow[] = keymap;
  const parts = (Object.keys(TITLES) as Scope[]).map((scope) => {
    const lines = rows.filter((row) => row.scope === scope).map(keyLine);
    return `## ${TITLES[scope]}\n\n| key | what it does |\n| --- | --- |\n${lines.join('')}`;
  });
  const commands = commandWords.map(
    ({ names, help }) => `| ${names.map((name) => `\`:${name}\``).join(', ')} | ${help} |\n`,
  );
  return `${INTRODUCTION}\n${parts.join('\n')}\n${COMMANDS}${commands.join('')}${FILTERS}`;
}

function keyLine({ keys, help, writes }: KeyRow): string {
  const names = keys.length > 2 ? `\`${keys[0]}\` to \`${keys.at(-1)}\`` : keys.map((key) => `\`${key}\``).join(', ');
  return `| ${names} | ${help}${writes ? ' (writes)' : ''} |\n`;
}

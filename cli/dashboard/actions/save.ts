// ctrl-s: what is on the screen as a file of its own, in the state directory (T-35).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../../client/state-directory.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { TextTools } from '../navigation/text-keys.js';
import type { Center } from './center.js';
import { copyText } from './clipboard.js';

const DIRECTORY = 'saved';

export function textTools(dashboard: Dashboard, center: Center, name: string, what: string): TextTools {
  return {
    copy: (text) => copyText(dashboard, center, text, what),
    save: (text) => saveFile(dashboard, center, `${name}.${name === 'yaml' ? 'yaml' : 'txt'}`, text),
  };
}

/** The rows as they are filtered and sorted, with the columns of the table. */
export const saveTable =
  (center: Center) =>
  (dashboard: Dashboard, screen: TableScreen): void => {
    const now = dashboard.now();
    const { columns } = screen;
    const { objects } = screen.rows(now);
    const lines = [
      columns.map(({ name }) => name),
      ...objects.map((object) => columns.map(({ text }) => text(object, now))),
    ];
    const csv = lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
    saveFile(dashboard, center, `${screen.resource.name}.csv`, csv);
  };

/** RFC 4180. A cell that a spreadsheet would compute is kept a text. */
function csvCell(text: string): string {
  const plain = /^[=+@]|^-(?!\d*\.?\d*$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** `runs-20261122T120000123Z.csv`: of two saved one after the other neither is lost. */
function saveFile(dashboard: Dashboard, center: Center, name: string, text: string): void {
  const directory = join(stateDirectory(center.deps.host), DIRECTORY);
  const stamp = new Date(dashboard.now()).toISOString().replace(/[-:.]/g, '');
  const file = join(directory, name.replace(/(?=\.\w+$)/, `-${stamp}`));
  dashboard.run(async () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
    dashboard.say(`saved ${file}`);
  });
}

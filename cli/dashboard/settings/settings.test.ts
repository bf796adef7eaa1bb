// Settings on the screen: columns, keys and commands of the user's own.
import t from 'tap';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { installation } from '../../../test/support/fed-objects.js';
import { NO_SETTINGS, type Plugin } from './settings.js';

const plugin = (shortcut: string, description: string, more: Partial<Plugin> = {}): Plugin => ({
  ...{ shortcut, description, scopes: ['tasks'], command: 'true', args: [] },
  ...{ confirm: false, dangerous: false, background: false, ...more },
});
const SETTINGS = {
  ...NO_SETTINGS,
  aliases: new Map([['broken', 'runs all /Failed']]),
  plugins: [plugin('b', 'Browser'), plugin('v', 'Vanish', { dangerous: true, scopes: ['all'] })],
};
const OPTIONS = { objects: installation(), namespace: 'default', columns: 160, rows: 40 };

t.test('plugins are in the header and the help, and their keys call them where they are for (T-58)', async (t) => {
  const asked: string[] = [];
  const { terminal } = await openFed(t, { ...OPTIONS, settings: SETTINGS, asked });
  t.match(terminal.text(), /<b> +Browser/);
  t.match(terminal.text(), /<v> +Vanish/);
  await terminal.press('b');
  t.strictSame(asked, ['runPlugin']);
  await terminal.press('?');
  t.match(terminal.text(), /PLUGINS\s[\s\S]*<b> +Browser/);
  t.match(terminal.text(), /:broken +runs all \/Failed/);
  await terminal.press('esc');
  await terminal.type(':agents');
  await terminal.press('enter', 'b');
  t.notMatch(terminal.text(), /<b> +Browser/);
  t.match(terminal.text(), /<v> +Vanish/);
  t.strictSame(asked, ['runPlugin']);
});

t.test('read-only: what is dangerous is neither shown nor run (T-56)', async (t) => {
  const asked: string[] = [];
  const { terminal } = await openFed(t, { ...OPTIONS, settings: SETTINGS, asked, readOnly: true });
  t.match(terminal.text(), /<b> +Browser/);
  t.notMatch(terminal.text(), 'Vanish');
  await terminal.press('b', 'v');
  t.strictSame(asked, ['runPlugin']);
  t.match(terminal.text(), '<v> is refused: read-only mode');
  await terminal.press('?');
  t.notMatch(terminal.text(), 'Vanish');
});

t.test('a word of the user is a command', async (t) => {
  const { terminal } = await openFed(t, { ...OPTIONS, settings: SETTINGS });
  await terminal.type(':bro');
  t.match(terminal.text(), ':broken');
  await terminal.press('tab', 'enter');
  t.match(terminal.text(), /Runs\(all\)\[\d+\/\d+\] <\/Failed>/);
});

t.test('columns of the user', async (t) => {
  const columns = new Map([
    [
      'tasks',
      [
        { name: 'Zone', path: '{.spec.timeZone}' },
        { name: 'STATUS' },
        { name: 'crons', path: '.spec.schedules[*].cron' },
      ],
    ],
  ]);
  const { terminal } = await openFed(t, { ...OPTIONS, settings: { ...NO_SETTINGS, columns } });
  const head = () => terminal.line('NAME')?.trim().replaceAll(/ +/g, ' ');
  t.equal(head(), 'NAME↑ Zone STATUS crons');
  t.match(terminal.line('nightly-report'), / 0 2 \* \* \*/);
  await terminal.press('0');
  t.equal(head(), 'NAMESPACE NAME↑ Zone STATUS crons');
  await terminal.press('ctrl-w');
  t.match(head(), /^(→ )?NAMESPACE NAME↑ Zone STATUS crons .*TIMEZONE/);
  await terminal.type(':runs');
  await terminal.press('enter');
  t.match(head(), 'TRIGGER', 'other kinds have their own');
});

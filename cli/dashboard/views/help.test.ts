// The help of each view as people see it, and what holds in any window.
import fc from 'fast-check';
import t from 'tap';
import { misfit, plainText } from '../../../test/support/dashboard-lines.js';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { installation } from '../../../test/support/fed-objects.js';
import { golden } from '../../../test/support/golden.js';
import type { Scope } from '../keys/keymap.js';
import { helpBlocks, helpLines } from './help.js';

const VIEWS = ['runs', 'agents', 'clusters', 'events', 'contexts', 'pulses', 'timeline', 'xray', 'alias'];

t.test('the help of each view, as read (T-06)', async (t) => {
  for (const view of VIEWS) {
    const { terminal } = await openFed(t, { columns: 120, rows: 40, objects: installation(), namespace: 'default' });
    await terminal.type(`:${view === 'contexts' ? 'ctx' : view}`);
    await terminal.press('enter', '?');
    golden(t, `ui/help-${view}-120x40.txt`, terminal.text());
  }
});

t.test('what a screen has of its own is first, commands are last', async (t) => {
  const titles = (scopes: readonly Scope[]) =>
    helpBlocks({ scopes: [...scopes, 'global'] }, false).map(({ title }) => title);
  t.strictSame(titles(['tasks', 'table', 'list']), [
    ...['Resource', 'General', 'Table', 'Navigation', 'Filters', 'Commands'],
  ]);
  t.strictSame(titles(['text', 'list']), ['Text', 'General', 'Navigation', 'Search', 'Commands']);
  const [text] = helpBlocks({ scopes: ['text', 'global'], filterWord: 'Search' }, false).slice(1);
  const shown = (filterWord: string) =>
    helpBlocks({ scopes: ['pulses', 'global'], filterWord }, false).flatMap(({ entries }) => entries);
  t.notOk(
    shown('').some(({ key }) => key === '</>'),
    'where nothing can be filtered',
  );
  t.ok(text?.entries.some(({ key, words }) => key === '</>' && words === 'Search'));
});

t.test('as many columns as there is room for, in the order of the blocks', async (t) => {
  const blocks = helpBlocks(
    { scopes: ['tasks', 'table', 'list', 'global'], verbs: ['get', 'update', 'delete'] },
    false,
  );
  const heights = [44, 80, 120, 200].map((width) => helpLines(blocks, width).length);
  t.strictSame(
    heights.toSorted((a, b) => b - a),
    heights,
    'wider is not higher',
  );
  t.ok((heights[0] ?? 0) > 2 * (heights[2] ?? 0));
  const wide = plainText(helpLines(blocks, 200)).split('\n')[0] ?? '';
  t.match(wide, /RESOURCE.*TABLE.*NAVIGATION/);
});

t.test('any help in any window takes exactly its cells', async () => {
  const places = [
    ['tasks', 'table', 'list'],
    ['logs', 'text', 'list'],
    ['next', 'ofTask', 'object'],
    ['list'],
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      (scopes, width, readOnly) => {
        const lines = helpLines(helpBlocks({ scopes }, readOnly), width);
        const wrong = misfit(lines, { width, height: lines.length });
        if (wrong !== undefined) throw new Error(wrong);
      },
    ),
  );
});

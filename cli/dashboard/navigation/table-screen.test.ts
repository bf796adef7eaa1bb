// Whose order a table has, and which changes are the user's.
import t from 'tap';
import { FedSource, NOW, resources } from '../../../test/support/fed-dashboard.js';
import { findKey } from '../keys/keymap.js';
import type { SavedLook } from '../state/saved-state.js';
import { TableScreen, type TableScreenOptions } from './table-screen.js';

const LOOK: SavedLook = { sort: { column: 'AGE', descending: true }, wide: true };
const DUE = { column: 'NEXT-RUN', descending: false };

function open(options: Partial<TableScreenOptions> = {}) {
  const kept: SavedLook[] = [];
  const screen = new TableScreen({
    resource: resources.find(({ name }) => name === 'tasks')!,
    source: new FedSource(),
    now: () => NOW,
    onAction: () => undefined,
    onLook: ({ sort, wide }) => void kept.push({ sort, wide }),
    ...options,
  });
  return { screen, kept, press: (key: string) => screen.handle(findKey(screen.scopes, key)!, key) };
}

t.test('that of the view, else that of the user, else that of the kind', async (t) => {
  t.match(open().screen, { sort: { column: 'NAME', descending: false }, wide: false });
  t.match(open({ look: LOOK }).screen, LOOK);
  t.match(open({ look: LOOK, order: DUE }).screen, { sort: DUE, wide: true });
});

t.test('what the user changes is to be remembered, and nothing else', async (t) => {
  const { kept, screen, press } = open({ look: LOOK, order: DUE });
  screen.namespace = 'billing';
  screen.filterText = 'x';
  t.same(kept, []);
  press('shift-n');
  t.same(kept.at(-1), { sort: { column: 'NAME', descending: false }, wide: true });
  press('ctrl-w');
  t.same(kept.at(-1), { sort: { column: 'NAME', descending: false }, wide: false });
});

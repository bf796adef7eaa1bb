// Every key of the keymap is pressed, and does what the help says: those that look, on objects given by hand; those that act,
// at a real center.
import t from 'tap';
import { actingKeys } from '../../../test/support/acting-keys.js';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { installation } from '../../../test/support/fed-objects.js';
import { lookingKeys, NAMESPACES } from '../../../test/support/looking-keys.js';
import { type KeyRow, keymap } from './keymap.js';

t.setTimeout(300_000);

const rows: readonly KeyRow[] = keymap;
const idOf = ({ scope, action }: KeyRow): string => `${scope}.${action}`;
const keysOf = (id: string): readonly string[] => rows.find((row) => idOf(row) === id)?.keys ?? [];

t.test('each row of the keymap has a test, and each test a row (T-06, T-26, T-30, T-32)', async (t) => {
  const tested = [...Object.keys(lookingKeys), ...actingKeys.flatMap(({ keys }) => Object.keys(keys))];
  t.strictSame(tested.toSorted(), rows.map(idOf).toSorted());
});

t.test('keys that look (T-23, T-34, T-35)', async (t) => {
  for (const [id, look] of Object.entries(lookingKeys)) {
    for (const key of keysOf(id)) {
      await t.test(`${id} <${key}>`, async (t) => {
        const objects = [...installation(), ...NAMESPACES];
        const fed = await openFed(t, { columns: 120, rows: 30, objects, namespace: 'default' });
        await look(t, fed, key);
        t.ok(fed.terminal.pressed.includes(key));
        if (!t.passing()) t.comment(fed.terminal.text());
      });
    }
  }
});

for (const { title, open, keys } of actingKeys) {
  t.test(`keys that act: ${title}`, async (t) => {
    const world = await open(t);
    for (const [id, act] of Object.entries(keys)) {
      for (const key of keysOf(id)) {
        await t.test(`${id} <${key}>`, async (t) => {
          const before = world.terminal.pressed.length;
          await act(t, world, key);
          t.ok(world.terminal.pressed.slice(before).includes(key));
        });
      }
    }
  });
}

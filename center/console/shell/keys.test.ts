import t from 'tap';
import { KEYS, KeyReader } from './keys.js';

const press = (key: string, more: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false },
  ...more,
});

t.test('one key, two in a row, one with Ctrl', async (t) => {
  const reader = new KeyReader();
  t.equal(reader.read(press('?'), 0, true), 'help');
  t.equal(reader.read(press('k'), 0, true), undefined);
  t.equal(reader.read(press('k', { ctrlKey: true }), 0, true), 'palette');
  t.equal(reader.read(press('K', { metaKey: true }), 0, true), 'palette', 'with Cmd, and with the caps lock');
  t.equal(reader.read(press('g'), 100, true), undefined);
  t.same(reader.read(press('t'), 900, true), { go: '/tasks' });
  t.equal(reader.read(press('t'), 950, true), undefined, 'a sequence is over once it is complete');
  reader.read(press('g'), 1000, true);
  t.equal(reader.read(press('t'), 2300, true), undefined, 'too late');
});

t.test('letters do nothing while somebody types, or when they are switched off', async (t) => {
  const reader = new KeyReader();
  t.equal(reader.read(press('?'), 0, false), undefined);
  reader.read(press('g'), 0, false);
  t.equal(reader.read(press('t'), 10, true), undefined);
  t.equal(reader.read(press('k', { ctrlKey: true }), 0, false), 'palette');
  t.equal(reader.read(press('k', { ctrlKey: true, altKey: true }), 0, true), undefined, 'AltGr is Ctrl and Alt');
});

t.test('no two rows have the same keys', async (t) => {
  const all = KEYS.map(({ keys, control }) => `${control ? 'ctrl ' : ''}${keys.join(' ')}`);
  t.equal(new Set(all).size, all.length);
});

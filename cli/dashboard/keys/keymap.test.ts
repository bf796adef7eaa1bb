import t from 'tap';
import { createActions } from '../actions/create-actions.js';
import { doctorHandlers } from '../navigation/doctor-screen.js';
import { globalHandlers } from '../navigation/global-keys.js';
import { listHandlers } from '../navigation/list-keys.js';
import { logHandlers } from '../navigation/log-keys.js';
import { searchHandlers } from '../navigation/log-search-screen.js';
import { pulsesHandlers } from '../navigation/pulses-screen.js';
import { lookHandlers } from '../navigation/table-keys.js';
import { textHandlers } from '../navigation/text-keys.js';
import { timelineHandlers } from '../navigation/timeline-screen.js';
import { xrayHandlers } from '../navigation/xray-screen.js';
import { findKey, type KeyRow, keymap, keysOf, keyWords } from './keymap.js';

const rows: readonly KeyRow[] = keymap;
const namesOf = (scope: string) => rows.filter((row) => row.scope === scope).map(({ action }) => action);

t.test('every key has a handler, and every handler a key (T-06)', async (t) => {
  const actions = Object.keys(createActions({} as never)).filter((name) => name.includes('.'));
  const acting = ['tasks', 'runs', 'agents', 'revisions', 'table'];
  const looks = Object.keys(lookHandlers);
  const wanted = rows.filter(({ scope, action }) => acting.includes(scope) && !looks.includes(action));
  t.strictSame(actions.toSorted(), wanted.map(({ scope, action }) => `${scope}.${action}`).toSorted());
  const looking = rows.filter(({ scope, action }) => acting.includes(scope) && looks.includes(action));
  t.strictSame(looks.toSorted(), looking.map(({ action }) => action).toSorted());
  t.strictSame(Object.keys(globalHandlers).toSorted(), namesOf('global').toSorted());
  t.strictSame(Object.keys(listHandlers).toSorted(), namesOf('list').toSorted());
  t.strictSame(Object.keys(textHandlers).toSorted(), namesOf('text').toSorted());
  t.strictSame(Object.keys(logHandlers).toSorted(), namesOf('logs').toSorted());
  t.strictSame(Object.keys(pulsesHandlers).toSorted(), namesOf('pulses').toSorted());
  t.strictSame(Object.keys(searchHandlers).toSorted(), namesOf('search').toSorted());
  t.strictSame(Object.keys(xrayHandlers).toSorted(), namesOf('xray').toSorted());
  t.strictSame(Object.keys(doctorHandlers).toSorted(), namesOf('doctor').toSorted());
  t.strictSame(Object.keys(timelineHandlers).toSorted(), namesOf('timeline').toSorted());
});

t.test('a key means one thing in a scope', async (t) => {
  const seen = rows.flatMap(({ scope, keys }) => keys.map((key) => `${scope} ${key}`));
  t.strictSame(seen, [...new Set(seen)]);
});

t.test('no key of a screen takes one away that works everywhere', async (t) => {
  const everywhere = new Set(rows.filter(({ scope }) => scope === 'global').flatMap(({ keys }) => [...keys]));
  const taken = rows.filter(({ scope, keys }) => scope !== 'global' && keys.some((key) => everywhere.has(key)));
  t.strictSame(taken, []);
});

t.test('the particular scope decides, and hides what it takes', async (t) => {
  t.equal(findKey(['runs', 'table'], 'r')?.action, 'retry');
  t.equal(findKey(['agents', 'table'], 'r')?.action, 'drain');
  t.equal(findKey(['logs', 'text', 'list'], 'e')?.action, 'stderr');
  const place = { scopes: ['logs', 'text', 'list', 'global'] as const };
  const shown = keysOf(place, false).flatMap(({ keys }) => [...keys]);
  t.strictSame(shown, [...new Set(shown)]);
});

t.test('the help of a read-only dashboard has no key that writes', async (t) => {
  const place = { scopes: ['tasks', 'table', 'list', 'global'] as const, verbs: ['update', 'delete'] };
  t.ok(keysOf(place, false).some(({ writes }) => writes));
  t.notOk(keysOf(place, true).some(({ writes }) => writes));
});

t.test('keys that a kind has no verb for are not offered', async (t) => {
  const actions = (verbs: readonly string[]) => keysOf({ scopes: ['table'], verbs }, false).map(({ action }) => action);
  t.notOk(actions(['get', 'list']).includes('delete'));
  t.ok(actions(['get', 'list', 'delete']).includes('delete'));
});

t.test('many keys are a range', async (t) => {
  t.equal(keyWords(findKey(['table'], '5')!), '1-9');
  t.equal(keyWords(findKey(['list'], 'j')!), 'j/down');
  t.equal(keyWords(findKey(['list'], 'j')!, false), 'j');
});

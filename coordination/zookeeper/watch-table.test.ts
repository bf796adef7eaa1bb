import t from 'tap';
import type { WatchEventType } from '../coordinator.js';
import { type WatchKind, WatchTable } from './watch-table.js';

const types: WatchEventType[] = ['created', 'deleted', 'dataChanged', 'childrenChanged'];
const ends: Record<WatchKind, WatchEventType[]> = {
  data: ['created', 'deleted', 'dataChanged'],
  exists: ['created', 'deleted', 'dataChanged'],
  children: ['deleted', 'childrenChanged'],
};

t.test('each event ends the watches that it ends at the server, and calls each once', async (t) => {
  for (const kind of Object.keys(ends) as WatchKind[]) {
    for (const type of types) {
      const table = new WatchTable();
      let calls = 0;
      table.add(kind, '/a', () => (calls += 1));
      table.add(kind, '/b', () => (calls += 100));
      for (let i = 0; i < 2; i++) table.fire('/a', { type, path: '/a' });
      t.equal(calls, ends[kind].includes(type) ? 1 : 0, `${kind} by ${type}`);
      t.equal(table.size, ends[kind].includes(type) ? 1 : 2);
    }
  }
});

t.test('a function is one registration per path and kind, and is called once per event', async (t) => {
  const table = new WatchTable();
  const events: unknown[] = [];
  const watcher = (event: unknown) => events.push(event);
  for (let i = 0; i < 3; i++) {
    table.add('data', '/a', watcher);
    table.add('children', '/a', watcher);
  }
  table.fire('/a', { type: 'deleted', path: '/a' });
  t.same(events, [{ type: 'deleted', path: '/a' }]);
  t.equal(table.size, 0);
});

t.test('a watcher may register again from its call', async (t) => {
  const table = new WatchTable();
  let calls = 0;
  const watcher = () => {
    calls += 1;
    table.add('data', '/a', watcher);
  };
  table.add('data', '/a', watcher);
  table.fire('/a', { type: 'dataChanged', path: '/a' });
  t.equal(calls, 1);
  table.fire('/a', { type: 'dataChanged', path: '/a' });
  t.equal(calls, 2);
});

t.test('clear calls everything once, with undefined', async (t) => {
  const table = new WatchTable();
  const events: unknown[] = [];
  for (const path of ['/a', '/b']) table.add('exists', path, (event) => events.push(event));
  table.clear();
  table.clear();
  t.same(events, [undefined, undefined]);
  t.same([...table.parts()], []);
});

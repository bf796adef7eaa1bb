import t from 'tap';
import { type AnyObject, nameFrom } from '../../manifests/index.js';
import { keyText, NAME_TRIES, withNames } from './generated-names.js';

const nameless = (generateName: string, kind = 'Task') =>
  ({
    apiVersion: 'cloudtask.dev/v1',
    kind,
    metadata: { generateName, namespace: 'default' },
    spec: {},
  }) as unknown as AnyObject;

/** A store that has these names, and counts how often it is asked. */
function storeWith(...names: string[]) {
  const keys = new Set(
    names.map((name) => keyText({ ...nameless(''), metadata: { name, namespace: 'default' } } as AnyObject)),
  );
  const asked: number[] = [];
  const findTaken = async (objects: readonly AnyObject[]) => {
    asked.push(objects.length);
    return new Set(objects.map(keyText).filter((key) => keys.has(key)));
  };
  return { asked, findTaken };
}

const inTurn =
  (...suffixes: string[]) =>
  () =>
    suffixes.shift() ?? 'none-left';
const namesOf = (objects: readonly AnyObject[]) => objects.map(({ metadata }) => metadata.name);

t.test('a name that is taken, in the store or in the batch, is not given (C-17)', async (t) => {
  const { asked, findTaken } = storeWith('a-taken');
  const other = { ...nameless('x-'), metadata: { name: 'a-batch', namespace: 'default' } } as AnyObject;
  const batch = [nameless('a-'), other, nameless('a-'), nameless('a-'), nameless('a-')];
  const suffix = inTurn('taken', 'batch', 'first', 'first', 'later', 'third', 'extra');
  t.same(namesOf(await withNames(batch, findTaken, suffix)), ['a-later', 'a-batch', 'a-third', 'a-first', 'a-extra']);
  t.same(asked, [4, 3], 'only those without a name yet are looked up again');
});

t.test('the tries end (C-17)', async (t) => {
  const { asked, findTaken } = storeWith('a-taken');
  await t.rejects(
    withNames([nameless('a-')], findTaken, () => 'taken'),
    { code: 'CT_ALREADY_EXISTS', message: /Task default\/a-.*not able to generate a unique name.*8 names/ },
  );
  t.equal(asked.length, NAME_TRIES);
});

t.test('batches that need no names cost nothing', async (t) => {
  const { asked, findTaken } = storeWith();
  const batch = [{ ...nameless('a-'), metadata: { name: 'a', generateName: 'a-' } } as AnyObject];
  t.equal(await withNames(batch, findTaken), batch);
  t.same(asked, []);
});

t.test('a prefix is cut where it leaves no room', async (t) => {
  t.equal(nameFrom('Task', 'x'.repeat(60), 'bcdfg'), `${'x'.repeat(47)}bcdfg`);
  t.equal(nameFrom('Namespace', 'x'.repeat(60), 'bcdfg'), `${'x'.repeat(58)}bcdfg`);
  t.equal(nameFrom('Task', 'a-', 'bcdfg'), 'a-bcdfg');
});

t.test('letters are those of Kubernetes', async (t) => {
  const [object] = await withNames([nameless('a-')], storeWith().findTaken);
  t.match(object!.metadata.name, /^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

import t from 'tap';
import { checkFormat, listOf, renderObject } from './objects.js';

const object = {
  status: { state: 'x' },
  kind: 'Task',
  spec: { b: 1, a: 2 },
  metadata: { uid: 'u', name: 'n' },
  apiVersion: 'v',
};

t.test('keys in the order people expect, in JSON and YAML (C-38)', async (t) => {
  t.equal(
    await renderObject(object, 'yaml'),
    'apiVersion: v\nkind: Task\nmetadata:\n  name: n\n  uid: u\nspec:\n  b: 1\n  a: 2\nstatus:\n  state: x\n',
  );
  t.same(Object.keys(JSON.parse(await renderObject(object, 'json'))), [
    'apiVersion',
    'kind',
    'metadata',
    'spec',
    'status',
  ]);
  t.match(await renderObject(listOf([object], false), 'yaml'), 'items:\n- apiVersion: v\n  kind: Task\n');
});

t.test('an empty list is a list (C-36)', async (t) => {
  t.equal(JSON.stringify(listOf([], false)), '{"apiVersion":"v1","kind":"List","items":[]}');
  t.equal(listOf([object], true), object);
});

t.test('formats that are not offered are named', async (t) => {
  t.equal(checkFormat(undefined, ['json']), undefined);
  t.equal(checkFormat('json', ['json', 'yaml']), 'json');
  t.throws(() => checkFormat('xml', ['json', 'yaml']), { code: 'CT_USAGE', hint: 'allowed formats are: json, yaml' });
});

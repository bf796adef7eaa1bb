// What is asked before something is done names what it is done to, in the words people use.
import t from 'tap';
import type { ApiObject } from '../api/objects.js';
import { deleteBinding, deleteGroup, userActions } from './access-actions.js';
import { counted, questionOf } from './action.js';
import { makeCurrent } from './package-actions.js';
import { deleteTask } from './task-actions.js';

const object = (kind: string, name: string, rest: object = {}): never =>
  ({ kind, metadata: { name, namespace: 'shop' }, ...rest }) as ApiObject as never;

t.test('a question names verb, kind and object, or what it says itself', async (t) => {
  t.equal(questionOf(deleteTask, object('Task', 'nightly')), 'Delete task nightly?');
  t.equal(questionOf({ name: 'Delete' }, object('ServiceAccount', 'ci')), 'Delete service account ci?');
  const given = object('RoleBinding', 'ann-runs', {
    spec: { role: 'viewer', subjects: [{ name: 'ann' }, { name: 'ben' }] },
  });
  t.equal(questionOf(deleteBinding(given), given), 'Take viewer away from ann, ben?');
  const version = { version: 3, digest: 'sha256:1' } as never;
  t.equal(questionOf(makeCurrent(object('Package', 'tool')), version), 'Make version 3 of tool current?');
  t.equal(
    questionOf({ name: 'Go back to it' }, { revision: 2 }),
    'Go back to it?',
    'what has no name is not given one',
  );
});

t.test('what goes along is named, of many the first ones', async (t) => {
  const group = (members: string[]) => deleteGroup.warning?.(object('Group', 'web', { spec: { members } }));
  t.equal(group([]), 'Nobody is in web.');
  t.match(group(['a', 'b']), /given to web: a, b\. They stay/);
  t.match(group(['a', 'b', 'c', 'd', 'e', 'f', 'g']), /: a, b, c, d, e and 2 more\./);
  t.match(userActions.at(-1)?.warning?.(object('User', 'ann')), /Password, sessions and tokens of ann/);
  t.same([counted(1, 'version'), counted(1200, 'version')], ['1 version', '1,200 versions']);
});

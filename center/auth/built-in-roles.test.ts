import t from 'tap';
import { builtInRoles, roleAllows } from './built-in-roles.js';

t.test('who may what', async (t) => {
  /** Of viewer, operator, editor, admin. */
  const table: [verb: string, namespaced: boolean, may: string][] = [
    ['run', true, 'nyyy'],
    ['suspend', true, 'nyyy'],
    ['delete', true, 'nnyy'],
    ['apply', true, 'nnyy'],
    ['delete', false, 'nnny'],
    ['drain', false, 'nnny'],
    ['rebalance', false, 'nnny'],
  ];
  for (const [verb, namespaced, may] of table) {
    const words = builtInRoles
      .map((role) => (roleAllows(role, verb, { reading: false, namespaced }) ? 'y' : 'n'))
      .join('');
    t.equal(words, may, `${verb} ${namespaced}`);
  }
  for (const role of builtInRoles) t.ok(roleAllows(role, 'why', { reading: true, namespaced: true }), `${role} reads`);
});

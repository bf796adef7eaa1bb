// What a write comes to may need more than leave to write: nobody gives others what they do not have, and whoever says what runs
// as an account must be allowed to. Asked in the transaction, of what is stored then.
import { CloudTaskError } from '../../../base/index.js';
import {
  type Access,
  allowsRunAs,
  builtInRules,
  type Grant,
  isBuiltInRole,
  lacking,
  type Role,
  type RoleBinding,
  type RoleRules,
  type Task,
} from '../../../manifests/index.js';
import { notFound } from '../object-errors.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WrittenRow } from '../task-revisions.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type BindingSpec = RoleBinding['spec'];

/** Throws CT_FORBIDDEN, and CT_NOT_FOUND for a binding of a role that is not there. */
export async function requireAccess(
  tx: Transaction,
  written: readonly WrittenRow[],
  user: string,
  access: Access,
): Promise<void> {
  for (const { before, row } of written) {
    if (before?.spec === row.spec) continue;
    if (row.kind === 'Task') requireAccounts(before, row, user, access);
    for (const grant of await givenBy(tx, row)) {
      const missing = lacking(access, grant);
      if (missing !== undefined)
        throw forbidden(row, `"${user}" may not give others what they do not have: ${missing}`);
    }
  }
}

/** All that anybody gets by this object. */
async function givenBy(tx: Transaction, row: ObjectRow): Promise<readonly Grant[]> {
  switch (row.kind) {
    case 'Role': {
      if (isBuiltInRole(row.name)) {
        throw forbidden(row, 'it is what it is in every installation; make a role of another name');
      }
      // It may be bound anywhere, now or later.
      return [rulesOf(row.spec)];
    }
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return [await givenByBinding(tx, row)];
    case 'Group':
      return givenByGroup(tx, row.name);
    default:
      return [];
  }
}

async function givenByBinding(tx: Transaction, row: ObjectRow): Promise<Grant> {
  const { role } = JSON.parse(row.spec) as BindingSpec;
  const rules = await readRole(tx, role);
  if (rules === undefined) throw notFound({ kind: 'Role', namespace: '', name: role });
  return row.kind === 'RoleBinding' ? { ...rules, namespace: row.namespace } : rules;
}

async function givenByGroup(tx: Transaction, name: string): Promise<Grant[]> {
  const bindings = await tx.write
    .selectFrom('objects')
    .selectAll()
    .where('kind', 'in', ['RoleBinding', 'ClusterRoleBinding'])
    .execute();
  const grants: Grant[] = [];
  for (const binding of bindings) {
    const { role, subjects } = JSON.parse(binding.spec) as BindingSpec;
    if (!subjects.some((subject) => subject.kind === 'Group' && subject.name === name)) continue;
    const rules = await readRole(tx, role);
    if (rules === undefined) continue;
    grants.push(binding.kind === 'RoleBinding' ? { ...rules, namespace: binding.namespace } : rules);
  }
  return grants;
}

async function readRole(tx: Transaction, name: string): Promise<RoleRules | undefined> {
  if (isBuiltInRole(name)) return builtInRules[name];
  const row = await tx.write
    .selectFrom('objects')
    .select('spec')
    .where('kind', '=', 'Role')
    .where('namespace', '=', '')
    .where('name', '=', name)
    .executeTakeFirst();
  return row && rulesOf(row.spec);
}

function rulesOf(text: string): RoleRules {
  const { rules = [], runAs = [] } = JSON.parse(text) as Role['spec'];
  return { rules, runAs };
}

/** Whoever changes what a task runs must be allowed to use the account it runs as, whoever named the account. */
function requireAccounts(before: ObjectRow | undefined, row: ObjectRow, user: string, access: Access): void {
  const run = runOf(row);
  if (before !== undefined && JSON.stringify(runOf(before)) === JSON.stringify(run)) return;
  for (const account of [run.user, run.group]) {
    if (account === undefined || allowsRunAs(access, account, row.namespace)) continue;
    throw forbidden(row, `"${user}" may not have tasks run as "${account}" in namespace "${row.namespace}"`);
  }
}

function runOf({ spec }: ObjectRow): Task['spec']['run'] {
  return (JSON.parse(spec) as Task['spec']).run;
}

function forbidden({ kind, namespace, name }: ObjectRow, detail: string): CloudTaskError {
  const subject = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  return new CloudTaskError('CT_FORBIDDEN', { subject, detail });
}

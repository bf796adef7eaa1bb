import { useState } from 'react';
import { builtInRoles } from '../../../../manifests/index.js';
import { createObject } from '../../actions/access-actions.js';
import { ManyField, SelectField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useListed } from '../../state/use-listed.js';
import { ctask, shellWord } from '../../text/shell.js';

interface BindingDialogProps {
  /** Who gets it, unless others are chosen. */
  readonly subject?: { readonly kind: 'User' | 'Group'; readonly name: string };
  readonly onClose: () => void;
}

const named = (items: readonly { readonly metadata: { readonly name: string } }[]) =>
  items.map(({ metadata }) => metadata.name).sort();

/** A role for somebody, in a namespace or everywhere. */
export function BindingDialog({ subject, onClose }: BindingDialogProps) {
  const scope = useNamespace();
  const [role, setRole] = useState('viewer');
  const [namespace, setNamespace] = useState(scope.namespace ?? '');
  const [users, setUsers] = useState<readonly string[]>(subject?.kind === 'User' ? [subject.name] : []);
  const [groups, setGroups] = useState<readonly string[]>(subject?.kind === 'Group' ? [subject.name] : []);
  const [accounts, setAccounts] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState<string>();
  const [roles, known] = [useListed('roles'), useListed('namespaces')];
  const [allUsers, allGroups, allAccounts] = [useListed('users'), useListed('groups'), useListed('serviceaccounts')];
  const tell = useToast();
  const [first] = [...users, ...groups, ...accounts];
  const name = typed ?? (first === undefined ? '' : `${first}-${role}`);
  const everywhere = namespace === '';
  const command = ctask(
    everywhere ? 'create clusterrolebinding' : 'create rolebinding',
    shellWord(name || 'NAME'),
    ['--role', role],
    ...users.map((one) => ['--user', one] as const),
    ...groups.map((one) => ['--group', one] as const),
    ...accounts.map((one) => ['--serviceaccount', one] as const),
    ['-n', namespace],
  );

  async function send(): Promise<void> {
    const subjects = [
      ...users.map((one) => ({ kind: 'User', name: one })),
      ...groups.map((one) => ({ kind: 'Group', name: one })),
      ...accounts.map((one) => ({ kind: 'ServiceAccount', name: one })),
    ];
    if (everywhere) await createObject('clusterrolebindings', 'ClusterRoleBinding', { name }, { role, subjects });
    else await createObject('rolebindings', 'RoleBinding', { name, namespace }, { role, subjects });
    const where = everywhere ? 'everywhere' : `in ${namespace}`;
    tell({ text: `${subjects.map((one) => one.name).join(', ')}: ${role} ${where}`, tone: 'good', command });
    onClose();
  }

  return (
    <FormDialog
      title="Give a role"
      submit="Give it"
      command={command}
      incomplete={first === undefined}
      send={send}
      onClose={onClose}
    >
      {(problemAt) => (
        <>
          <SelectField
            label="Role"
            value={role}
            onChange={setRole}
            options={[...new Set([...builtInRoles, ...named(roles.items)])]}
            problem={problemAt('spec.role')}
          />
          <SelectField
            label="Where"
            value={namespace}
            onChange={setNamespace}
            options={[['', 'Everywhere'], ...named(known.items).map((one) => [one, `In ${one}`] as const)]}
            problem={problemAt('metadata.namespace')}
          />
          <ManyField
            label="Users"
            values={users}
            onChange={setUsers}
            suggestions={named(allUsers.items)}
            problem={problemAt('spec.subjects')}
          />
          <ManyField label="Groups" values={groups} onChange={setGroups} suggestions={named(allGroups.items)} />
          <ManyField
            label="Service accounts"
            values={accounts}
            onChange={setAccounts}
            suggestions={named(allAccounts.items)}
          />
          <TextField
            label="Name of the binding"
            value={name}
            onChange={setTyped}
            required
            problem={problemAt('metadata.name')}
          />
        </>
      )}
    </FormDialog>
  );
}

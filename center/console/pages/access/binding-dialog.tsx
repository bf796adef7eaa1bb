import { useState } from 'react';
import { builtInRoles } from '../../../../manifests/index.js';
import { createObject } from '../../actions/access-actions.js';
import { ApiError } from '../../api/api-error.js';
import { ManyField, SelectField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useListed } from '../../state/use-listed.js';
import { useRights } from '../../state/use-rights.js';
import { placesToGive } from '../../text/access.js';
import { ctask, shellWord } from '../../text/shell.js';
import type { Subject } from './given-roles.js';

interface BindingDialogProps {
  /** Who gets it, unless others are chosen. */
  readonly subject?: Subject;
  readonly onClose: () => void;
}

/** Nobody can be given anything: said where the first of them would stand. */
const NOBODY = 'Name who gets it: a user, a group or a service account';

const named = (items: readonly { readonly metadata: { readonly name: string } }[]) =>
  items.map(({ metadata }) => metadata.name).sort();

/** A role for somebody, in a namespace or everywhere. */
export function BindingDialog({ subject, onClose }: BindingDialogProps) {
  const scope = useNamespace();
  const [role, setRole] = useState('viewer');
  const [chosen, setNamespace] = useState(scope.namespace ?? '');
  const begun = (kind: Subject['kind']): readonly string[] => (subject?.kind === kind ? [subject.name] : []);
  const [users, setUsers] = useState(begun('User'));
  const [groups, setGroups] = useState(begun('Group'));
  const [accounts, setAccounts] = useState(begun('ServiceAccount'));
  const [typed, setTyped] = useState<string>();
  const [roles, known] = [useListed('roles'), useListed('namespaces')];
  const [allUsers, allGroups, allAccounts] = [useListed('users'), useListed('groups'), useListed('serviceaccounts')];
  const tell = useToast();
  const mayEverywhere = useRights()({ verb: 'create', plural: 'clusterrolebindings' });
  const [first] = [...users, ...groups, ...accounts];
  const name = typed ?? (first === undefined ? '' : `${first}-${role}`);
  const inScope = scope.namespace === undefined ? [] : [scope.namespace];
  const { places, place: namespace } = placesToGive({
    chosen,
    everywhere: mayEverywhere.allowed || mayEverywhere.reason === undefined,
    namespaces: [...inScope, ...named(known.items)],
  });
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
    if (first === undefined) {
      throw new ApiError(422, 'Invalid', NOBODY, [{ field: 'spec.subjects', message: NOBODY }]);
    }
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
    <FormDialog title="Give a role" submit="Give it" command={command} send={send} onClose={onClose}>
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
            options={places.map((one) => [one, one === '' ? 'Everywhere' : `In ${one}`] as const)}
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
            required={first !== undefined}
            problem={problemAt('metadata.name')}
          />
        </>
      )}
    </FormDialog>
  );
}

import { useState } from 'react';
import { Link } from 'wouter';
import {
  accessOnlyKinds,
  accessVerbs,
  type BuiltInRole,
  builtInRoles,
  builtInRules,
  isBuiltInRole,
  kinds,
} from '../../../../manifests/index.js';
import { createObject, type RoleObject } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import type { DataColumn } from '../../parts/data-table.js';
import { ManyField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';
import { useLive } from '../../state/use-live.js';
import { ctask, shellWord } from '../../text/shell.js';
import { nameColumn, PartFrame, type PartProps } from './part.js';
import { removeRole } from './role-holders.js';

const DESCRIPTIONS: Readonly<Record<BuiltInRole, string>> = {
  viewer: 'Reads objects and logs',
  operator: 'What a viewer may; starts, cancels, retries, suspends and resumes',
  editor: 'What an operator may; changes what lives in namespaces. Who edits tasks runs programs on the agents',
  admin: 'Everything; bound in a namespace, everything in it',
};

/** For whoever may not read them. */
const builtIn: readonly RoleObject[] = builtInRoles.map((name) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Role',
  metadata: { name, namespace: '', uid: name, resourceVersion: '', creationTimestamp: '' },
  spec: { description: DESCRIPTIONS[name], rules: [...builtInRules[name].rules], runAs: [...builtInRules[name].runAs] },
}));

/** The roles that were read, and those that every installation has. */
export function withBuiltIn(roles: readonly RoleObject[]): readonly RoleObject[] {
  const read = new Set(roles.map(({ metadata }) => metadata.name));
  const described = roles.map((role) => {
    const words = DESCRIPTIONS[role.metadata.name as BuiltInRole] as string | undefined;
    return words === undefined ? role : { ...role, spec: { description: words, ...role.spec } };
  });
  return [...described, ...builtIn.filter(({ metadata }) => !read.has(metadata.name))];
}

const columns: readonly DataColumn<RoleObject>[] = [
  {
    ...nameColumn,
    cell: ({ metadata }) => (
      <>
        <Link className="main-link" href={`/access/roles/${metadata.name}`}>
          {metadata.name}
        </Link>
        {isBuiltInRole(metadata.name) && <span className="tag">built in</span>}
      </>
    ),
  },
  { name: 'Description', cell: ({ spec }) => spec.description ?? <span className="faint none">–</span> },
  { name: 'Tasks run as', cell: ({ spec }) => runAsWords(spec.runAs ?? []), wide: true },
  {
    name: 'Actions',
    cell: (role) =>
      isBuiltInRole(role.metadata.name) ? (
        <span className="faint none" />
      ) : (
        <ActionButtons object={role} actions={[removeRole]} />
      ),
  },
];

function runAsWords(accounts: readonly string[]): string {
  if (accounts.length === 0) return 'the account of the agent';
  return accounts.includes('*') ? 'any account' : accounts.join(', ');
}

export function RolesPage({ tabs }: PartProps) {
  const roles = useLive('roles');
  const [making, setMaking] = useState(false);
  return (
    <PartFrame
      tabs={tabs}
      what="roles"
      live={roles}
      items={withBuiltIn(roles.items)}
      columns={columns}
      command="ctask get roles"
      button="New role"
      right={{ verb: 'create', plural: 'roles' }}
      onNew={() => setMaking(true)}
      empty="A role is a set of permissions."
    >
      {making && <NewRole onClose={() => setMaking(false)} />}
    </PartFrame>
  );
}

const KINDS = [...kinds.map(({ kind }) => kind), ...accessOnlyKinds, '*'];

function NewRole({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [verbs, setVerbs] = useState<readonly string[]>(['get', 'list', 'watch']);
  const [own, setOwn] = useState<readonly string[]>(['Task', 'Run']);
  const [runAs, setRunAs] = useState<readonly string[]>([]);
  const [description, setDescription] = useState('');
  const tell = useToast();
  const command = ctask(
    'create role',
    shellWord(name || 'NAME'),
    ['--verb', verbs.join(',')],
    ['--kind', own.join(',')],
    ...runAs.map((one) => ['--run-as', one] as const),
    ['--description', description],
  );
  async function send(): Promise<void> {
    const spec = {
      ...(description === '' ? {} : { description }),
      ...(verbs.length === 0 && own.length === 0 ? {} : { rules: [{ verbs, kinds: own }] }),
      ...(runAs.length === 0 ? {} : { runAs }),
    };
    await createObject('roles', 'Role', { name }, spec);
    tell({ text: `${name} is created; a binding gives it`, tone: 'good', command });
    onClose();
  }
  return (
    <FormDialog title="New role" submit="Create" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <TextField label="Name" value={name} onChange={setName} required problem={problemAt('metadata.name')} />
          <ManyField
            label="Verbs"
            values={verbs}
            onChange={setVerbs}
            suggestions={[...accessVerbs, '*']}
            hint="What may be done; * for everything"
            problem={problemAt('spec.rules[0].verbs')}
          />
          <ManyField
            label="Kinds"
            values={own}
            onChange={setOwn}
            suggestions={KINDS}
            hint="With what; * for all kinds"
            problem={problemAt('spec.rules[0].kinds')}
          />
          <ManyField
            label="Runs as"
            values={runAs}
            onChange={setRunAs}
            suggestions={[]}
            hint="Accounts that tasks may name in run.user"
            problem={problemAt('spec.runAs')}
          />
          <TextField
            label="Description"
            value={description}
            onChange={setDescription}
            problem={problemAt('spec.description')}
          />
        </>
      )}
    </FormDialog>
  );
}

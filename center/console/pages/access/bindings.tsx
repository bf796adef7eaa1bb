import { useState } from 'react';
import { Link } from 'wouter';
import { type BindingObject, deleteBinding } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import type { DataColumn } from '../../parts/data-table.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { useLive } from '../../state/use-live.js';
import { BindingDialog } from './binding-dialog.js';
import { subjectPath } from './given-roles.js';
import { nameColumn, PartFrame, type PartProps } from './part.js';

const KINDS = { User: 'user', Group: 'group', ServiceAccount: 'service account' } as const;

const columns: readonly DataColumn<BindingObject>[] = [
  {
    name: 'Who',
    by: ({ spec }) => spec.subjects[0]?.name ?? '',
    cell: ({ spec }) => (
      <ul>
        {spec.subjects.map(({ kind, name }) => (
          <li key={`${kind} ${name}`}>
            <Link className="main-link" href={subjectPath({ kind, name })}>
              {name}
            </Link>{' '}
            <span className="faint">{KINDS[kind]}</span>
          </li>
        ))}
      </ul>
    ),
  },
  {
    name: 'Role',
    by: ({ spec }) => spec.role,
    cell: ({ spec }) => <Link href={`/access/roles/${spec.role}`}>{spec.role}</Link>,
  },
  {
    name: 'Where',
    by: ({ metadata }) => metadata.namespace ?? '',
    cell: ({ metadata }) => metadata.namespace || <span className="state warn">everywhere</span>,
  },
  { ...nameColumn, cell: ({ metadata }) => metadata.name },
  { name: 'Actions', cell: (binding) => <ActionButtons object={binding} actions={[deleteBinding(binding)]} /> },
];

export function BindingsPage({ tabs }: PartProps) {
  const { namespace } = useNamespace();
  const everywhere = useLive('clusterrolebindings');
  const inside = useLive('rolebindings', { namespace });
  const [giving, setGiving] = useState(false);
  return (
    <PartFrame
      tabs={tabs}
      what="bindings"
      live={inside.phase === 'refused' ? everywhere : inside}
      items={[...everywhere.items, ...inside.items]}
      columns={columns}
      command={`ctask get rolebindings,clusterrolebindings ${namespace === undefined ? '-A' : `-n ${namespace}`}`}
      button="Give a role"
      right={{ verb: 'create', plural: 'rolebindings', namespace }}
      onNew={() => setGiving(true)}
      empty="A binding gives a role to users, groups and service accounts, in a namespace or everywhere."
    >
      {giving && <BindingDialog onClose={() => setGiving(false)} />}
    </PartFrame>
  );
}

import { Fragment } from 'react';
import { Link } from 'wouter';
import { type BindingObject, deleteRole, type RoleObject } from '../../actions/access-actions.js';
import type { Action } from '../../actions/action.js';
import { useListed } from '../../state/use-listed.js';
import { subjectPath } from './given-roles.js';

/** Who has a role, and where. */
export function RoleHolders({ role }: { readonly role: string }) {
  const everywhere = useListed('clusterrolebindings');
  const inside = useListed('rolebindings');
  const all: readonly BindingObject[] = [...everywhere.items, ...inside.items];
  const given = all.filter(({ spec }) => spec.role === role);
  return (
    <ul className="rows">
      {given.map(({ metadata, spec }) => (
        <li key={metadata.uid}>
          <span className="main-link">
            {spec.subjects.map(({ kind, name }, index) => (
              <Fragment key={`${kind} ${name}`}>
                {index > 0 && ', '}
                <Link href={subjectPath({ kind, name })}>{name}</Link>
                {kind !== 'User' && <span className="muted"> {kind === 'Group' ? 'group' : 'service account'}</span>}
              </Fragment>
            ))}
          </span>
          <span className="muted">{metadata.namespace ? `in ${metadata.namespace}` : 'everywhere'}</span>
        </li>
      ))}
      {given.length === 0 && everywhere.phase !== 'loading' && inside.phase !== 'loading' && (
        <li className="muted">
          Nobody; <Link href="/access/bindings">a binding</Link> gives it
        </li>
      )}
    </ul>
  );
}

/** Asked about with everybody who would lose what it allows. */
export const removeRole: Action<RoleObject> = {
  ...deleteRole,
  preview: ({ metadata }) => <RoleHolders role={metadata.name} />,
};

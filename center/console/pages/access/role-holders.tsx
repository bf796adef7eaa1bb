import { Fragment } from 'react';
import { Link } from 'wouter';
import { type BindingObject, deleteRole, type RoleObject } from '../../actions/access-actions.js';
import type { Action } from '../../actions/action.js';
import { useListed } from '../../state/use-listed.js';
import { restOfHolders } from '../../text/access.js';
import { subjectPath } from './given-roles.js';

/** Who has a role, and where. */
export function RoleHolders({ role }: { readonly role: string }) {
  const everywhere = useListed('clusterrolebindings');
  const inside = useListed('rolebindings');
  const all: readonly BindingObject[] = [...everywhere.items, ...inside.items];
  const given = all.filter(({ spec }) => spec.role === role);
  const rest = restOfHolders(given.length, [everywhere, inside]);
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
      {rest === 'unknown' && <li className="muted">Not known: the bindings cannot all be read</li>}
      {rest === 'perhaps more' && <li className="muted">Perhaps others too: the bindings cannot all be read</li>}
      {rest === 'nobody' && (
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

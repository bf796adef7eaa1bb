// The roles that somebody has: given to them, or to a group they are in. Whoever has none may do nothing, which is said first.
import { Link } from 'wouter';
import { type BindingObject, deleteBinding } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { LiveNote } from '../../parts/notes.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import type { Permission } from '../../state/rights.js';
import { useListed } from '../../state/use-listed.js';
import type { Live } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';
import { allRead, placeWords } from '../../text/access.js';

/** Who can be given a role. */
export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
}

interface Given {
  readonly binding: BindingObject;
  /** Themselves, or a group they are in. */
  readonly subject: Subject;
}

export interface GivenRoles {
  readonly rows: readonly Given[];
  /** All that could give a role was read: an empty list means that there is none. */
  readonly complete: boolean;
  readonly bindings: Live<unknown>;
}

export function useGivenRoles({ kind, name }: Subject): GivenRoles {
  const groups = useListed('groups', { wanted: kind === 'User' });
  const everywhere = useListed('clusterrolebindings');
  const inside = useListed('rolebindings');
  const own = groups.items.filter(({ spec }) => spec.members?.includes(name)).map(({ metadata }) => metadata.name);
  const all: readonly BindingObject[] = [...everywhere.items, ...inside.items];
  const means = (one: Subject) =>
    (one.kind === kind && one.name === name) || (kind === 'User' && one.kind === 'Group' && own.includes(one.name));
  const rows = all.flatMap((binding) => binding.spec.subjects.filter(means).map((subject) => ({ binding, subject })));
  const needed = [everywhere, inside, ...(kind === 'User' ? [groups] : [])];
  return { rows, complete: allRead(needed), bindings: inside };
}

/** Where the roles hold: `everywhere`, `in billing and shop`; undefined while that is not known, and of nobody with a role. */
export function placesOf({ rows, complete }: GivenRoles): string | undefined {
  if (!complete || rows.length === 0) return undefined;
  return placeWords(rows.map(({ binding }) => binding.metadata.namespace));
}

/** To give roles everywhere, or at least somewhere. */
export function useMayGive(): Permission {
  const may = useRights();
  const everywhere = may({ verb: 'create', plural: 'clusterrolebindings' });
  return everywhere.allowed ? everywhere : may({ verb: 'create', plural: 'rolebindings' });
}

interface NoRoleNoteProps {
  readonly subject: Subject;
  readonly onGive: () => void;
}

const NOTHING: Readonly<Record<Subject['kind'], (name: string) => string>> = {
  User: (name) => `${name} may do nothing yet: nobody has given a role to ${name} or to a group of ${name}.`,
  Group: (name) => `Being in ${name} allows nothing yet: nobody has given it a role.`,
  ServiceAccount: (name) => `${name} may do nothing yet: nobody has given it a role.`,
};

/** What to do next, where somebody was just made. */
export function NoRoleNote({ subject: { kind, name }, onGive }: NoRoleNoteProps) {
  return (
    <div className="note warn with-button" role="status">
      <span>{NOTHING[kind](name)}</span>
      <PermittedButton className="button primary" permission={useMayGive()} onPress={onGive}>
        Give a role
      </PermittedButton>
    </div>
  );
}

/** In a list: what they have and where, and that they have nothing. */
export function RoleNames({ subject }: { readonly subject: Subject }) {
  const { rows, complete } = useGivenRoles(subject);
  const places = new Map<string, (string | undefined)[]>();
  for (const { binding } of rows) {
    const { role } = binding.spec;
    places.set(role, [...(places.get(role) ?? []), binding.metadata.namespace]);
  }
  const names = [...places.keys()].sort();
  if (names.length === 0)
    return complete ? <span className="state warn">none</span> : <span className="faint none">–</span>;
  return (
    <ul className="names">
      {names.map((role) => (
        <li key={role}>
          <Link href={`/access/roles/${role}`}>{role}</Link>{' '}
          <span className="muted">{placeWords(places.get(role)!)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The page of somebody who has roles. */
export function subjectPath({ kind, name }: Subject): string {
  const part = { User: 'users', Group: 'groups', ServiceAccount: 'serviceaccounts' }[kind];
  return `/access/${part}/${name}`;
}

interface RolesCardProps {
  readonly subject: Subject;
  readonly given: GivenRoles;
}

export function RolesCard({ subject: { kind }, given: { rows, bindings, complete } }: RolesCardProps) {
  return (
    <section className="card" aria-label="Roles">
      <header className="card-head">
        <h2>Roles</h2>
      </header>
      <LiveNote live={bindings} what="bindings" />
      <ul className="rows">
        {rows.map(({ binding, subject }) => (
          <li key={`${binding.metadata.uid} ${subject.kind} ${subject.name}`}>
            <span className="main-link">
              <Link href={`/access/roles/${binding.spec.role}`}>{binding.spec.role}</Link>{' '}
              <span className="muted">
                {binding.metadata.namespace ? `in ${binding.metadata.namespace}` : 'everywhere'}
                {subject.kind !== kind && `, by the group ${subject.name}`}
              </span>
            </span>
            {subject.kind === kind && binding.spec.subjects.length === 1 && (
              <ActionButtons object={binding} actions={[deleteBinding(binding)]} />
            )}
          </li>
        ))}
        {rows.length === 0 && complete && <li className="muted">No role: nothing is allowed</li>}
      </ul>
    </section>
  );
}

import { Fragment } from 'react';
import { Link } from 'wouter';
import { isBuiltInRole } from '../../../../manifests/index.js';
import { type BindingObject, deleteRole } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { AllowanceTable } from '../../parts/allowance-table.js';
import { CommandLine } from '../../parts/command-line.js';
import { LeadWords } from '../../parts/lead-words.js';
import { Missing } from '../../parts/missing.js';
import { Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { allowancesOfRole } from '../../text/allowances.js';
import { ctask } from '../../text/shell.js';
import { withBuiltIn } from './roles.js';

/** What a role allows, and who has it. */
export function RolePage({ name }: { readonly name: string }) {
  const roles = useLive('roles');
  const everywhere = useListed('clusterrolebindings');
  const inside = useListed('rolebindings');
  const role = withBuiltIn(roles.items).find(({ metadata }) => metadata.name === name);
  if (role === undefined) {
    if (roles.phase === 'loading') return <Loading />;
    return <Missing live={roles} kind="role" name={name} above={{ name: 'Roles', path: '/access/roles' }} />;
  }
  const { rules = [], runAs = [], description } = role.spec;
  const all: readonly BindingObject[] = [...everywhere.items, ...inside.items];
  const given = all.filter(({ spec }) => spec.role === name);
  return (
    <>
      <PageHead
        title={name}
        above={{ name: 'Roles', path: '/access/roles' }}
        beside={isBuiltInRole(name) && <span className="tag">built in</span>}
      >
        {!isBuiltInRole(name) && <ActionButtons object={role} actions={[deleteRole]} />}
      </PageHead>
      {description !== undefined && <LeadWords text={description} />}
      <AllowanceTable caption={`What ${name} allows`} rows={allowancesOfRole(rules)} />
      <div className="columns">
        <section className="card" aria-label="Who has it">
          <header className="card-head">
            <h2>Who has it</h2>
          </header>
          <ul className="rows">
            {given.map(({ metadata, spec }) => (
              <li key={metadata.uid}>
                <span className="main-link">
                  {spec.subjects.map(({ kind, name: who }, index) => (
                    <Fragment key={`${kind} ${who}`}>
                      {index > 0 && ', '}
                      {kind === 'User' ? <Link href={`/access/users/${who}`}>{who}</Link> : who}
                      {kind !== 'User' && (
                        <span className="muted"> {kind === 'Group' ? 'group' : 'service account'}</span>
                      )}
                    </Fragment>
                  ))}
                </span>
                <span className="muted">{metadata.namespace ? `in ${metadata.namespace}` : 'everywhere'}</span>
              </li>
            ))}
            {given.length === 0 && (
              <li className="muted">
                Nobody; <Link href="/access/bindings">a binding</Link> gives it
              </li>
            )}
          </ul>
        </section>
        <section className="card" aria-label="Accounts">
          <header className="card-head">
            <h2>Tasks may run as</h2>
          </header>
          <p className="muted">
            {runAs.length === 0
              ? 'No account of their own: what the agent runs as'
              : runAs.includes('*')
                ? 'All accounts, where the role holds everywhere'
                : runAs.join(', ')}
          </p>
        </section>
      </div>
      {!isBuiltInRole(name) && <CommandLine command={ctask('get role', name, '-o yaml')} />}
    </>
  );
}

import { isBuiltInRole } from '../../../../manifests/index.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { AllowanceTable } from '../../parts/allowance-table.js';
import { CommandLine } from '../../parts/command-line.js';
import { LeadWords } from '../../parts/lead-words.js';
import { Missing } from '../../parts/missing.js';
import { Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { useLive } from '../../state/use-live.js';
import { useVerbsByKind } from '../../state/verbs-by-kind.js';
import { allowancesOfRole } from '../../text/allowances.js';
import { ctask } from '../../text/shell.js';
import { RoleHolders, removeRole } from './role-holders.js';
import { withBuiltIn } from './roles.js';

/** What a role allows, and who has it. */
export function RolePage({ name }: { readonly name: string }) {
  const roles = useLive('roles');
  const there = useVerbsByKind();
  const role = withBuiltIn(roles.items).find(({ metadata }) => metadata.name === name);
  if (role === undefined) {
    if (roles.phase === 'loading') return <Loading />;
    return <Missing live={roles} kind="role" name={name} above={{ name: 'Roles', path: '/access/roles' }} />;
  }
  const { rules = [], runAs = [], description } = role.spec;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: 'Roles', path: '/access/roles' }}
        beside={isBuiltInRole(name) && <span className="tag">built in</span>}
      >
        {!isBuiltInRole(name) && <ActionButtons object={role} actions={[removeRole]} />}
      </PageHead>
      {description !== undefined && <LeadWords text={description} />}
      <AllowanceTable caption={`What ${name} allows`} rows={allowancesOfRole(rules, there)} />
      <div className="columns">
        <section className="card" aria-label="Who has it">
          <header className="card-head">
            <h2>Who has it</h2>
          </header>
          <RoleHolders role={name} />
        </section>
        <section className="card" aria-label="Accounts">
          <header className="card-head">
            <h2>Tasks may run as</h2>
          </header>
          <p className="muted">
            {runAs.length === 0
              ? 'No other account than that of the agent'
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

// What somebody may, as the center says when it is asked as them: in one namespace, or in at least one.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { LISTED, useListed } from '../state/use-listed.js';
import { rulesIn } from '../state/use-rights.js';
import { allowancesOfReview } from '../text/allowances.js';
import { ctask } from '../text/shell.js';
import { AllowanceTable } from './allowance-table.js';
import { CommandLine } from './command-line.js';
import { Empty, ErrorNote, Loading } from './notes.js';

interface RightsOfProps {
  /** Of another user; absent for oneself. */
  readonly name?: string;
  /** Where their roles hold, in words; absent where nobody has read that. */
  readonly where?: string | undefined;
}

export function RightsOf({ name, where }: RightsOfProps) {
  const [namespace, setNamespace] = useState('');
  const namespaces = useListed('namespaces');
  const rules = useQuery({
    queryKey: [LISTED, 'rights', name, namespace],
    queryFn: () => rulesIn(namespace || undefined, name),
    refetchInterval: 10_000,
  });
  const rows = rules.data === undefined ? [] : allowancesOfReview(rules.data);
  return (
    <section className="spaced" aria-label="Rights">
      <header className="card-head">
        <h2>{name === undefined ? 'What you may do' : `What ${name} may do`}</h2>
        <label className="choice">
          <span className="visually-hidden">Where</span>
          <select value={namespace} onChange={(event) => setNamespace(event.target.value)}>
            <option value="">In at least one namespace</option>
            {namespaces.items
              .map(({ metadata }) => metadata.name)
              .sort()
              .map((one) => (
                <option key={one} value={one}>
                  In {one}
                </option>
              ))}
          </select>
        </label>
      </header>
      {namespace === '' && where !== undefined && <p className="muted under-head">Roles hold {where}.</p>}
      {rules.error !== null ? (
        <ErrorNote error={rules.error} />
      ) : rules.data === undefined ? (
        <Loading lines={3} />
      ) : rows.length === 0 ? (
        <Empty title="Nothing at all">
          <p>Without a role nothing is allowed. An administrator gives one with a binding.</p>
        </Empty>
      ) : (
        <AllowanceTable caption="Rights" rows={rows} />
      )}
      <CommandLine command={ctask('auth can-i --list', namespace === '' ? '-A' : ['-n', namespace], ['--as', name])} />
    </section>
  );
}

import { Check } from 'lucide-react';
import { accessVerbGroups } from '../../../manifests/index.js';
import { type AllowanceRow, type VerbGroup, verbGroups } from '../text/allowances.js';

interface AllowanceTableProps {
  /** For screen readers. */
  readonly caption: string;
  readonly rows: readonly AllowanceRow[];
}

const HEADS: Readonly<Record<VerbGroup, string>> = {
  read: 'Look',
  run: 'Start and stop',
  change: 'Change',
  manage: 'Manage',
};

/** Kinds down, what verbs are for across: a tick and their number for all verbs, else their names. Which all are is said below. */
export function AllowanceTable({ caption, rows }: AllowanceTableProps) {
  const legend = verbGroups.filter((group) => rows.some(({ allowed }) => allowed[group] === 'all'));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="table-box" aria-label={caption} tabIndex={0}>
        <table className="data stacked allowances">
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              {verbGroups.map((group) => (
                <th key={group} scope="col">
                  {HEADS[group]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ kind, allowed }) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                {verbGroups.map((group) => (
                  <td key={group} data-label={HEADS[group]}>
                    <Cell group={group} verbs={allowed[group]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {legend.length > 0 && (
        <dl className="facts verbs muted">
          {legend.map((group) => (
            <div key={group}>
              <dt>{HEADS[group]}</dt>
              <dd>{accessVerbGroups[group].join(', ')}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

interface CellProps {
  readonly group: VerbGroup;
  readonly verbs: 'all' | readonly string[];
}

function Cell({ group, verbs }: CellProps) {
  if (verbs === 'all') {
    return (
      <span className="state good" title={accessVerbGroups[group].join(', ')}>
        <Check aria-hidden />
        all {accessVerbGroups[group].length} verbs
      </span>
    );
  }
  return verbs.length === 0 ? <span className="faint none">–</span> : verbs.join(', ');
}

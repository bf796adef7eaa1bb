import { Check } from 'lucide-react';
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

/** Kinds down, what verbs are for across: a tick for all verbs, else their names. */
export function AllowanceTable({ caption, rows }: AllowanceTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
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
                  <Cell verbs={allowed[group]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ verbs }: { readonly verbs: 'all' | readonly string[] }) {
  if (verbs === 'all') {
    return (
      <span className="state good">
        <Check aria-hidden />
        all
      </span>
    );
  }
  return verbs.length === 0 ? <span className="faint none">–</span> : verbs.join(', ');
}

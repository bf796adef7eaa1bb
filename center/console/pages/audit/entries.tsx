import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import { formatAge } from '../../../../base/index.js';
import type { AuditEntry } from '../../../../manifests/index.js';
import { exactTime, shownZone, timeIn } from '../../text/times.js';

/** The latest first; one at a time shows its details. */
export function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const [open, setOpen] = useState<number>();
  return (
    <div className="table-box">
      <table className="data stacked">
        <caption className="visually-hidden">Writes, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">When ({shownZone()})</th>
            <th scope="col">User</th>
            <th scope="col">Verb</th>
            <th scope="col">Object</th>
            <th scope="col" className="hide-narrow">
              From
            </th>
            <th scope="col">Answer</th>
            <th scope="col" aria-label="Details" />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Fragment key={entry.sequence}>
              <Row
                entry={entry}
                open={open === entry.sequence}
                onToggle={() => setOpen(open === entry.sequence ? undefined : entry.sequence)}
              />
              {open === entry.sequence && <Details entry={entry} />}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly entry: AuditEntry;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Row({ entry, open, onToggle }: RowProps) {
  const { sequence, time, user, as, verb, kind, namespace, name, sourceIP, status } = entry;
  return (
    <tr className={open ? 'selected' : undefined}>
      <td data-label="When" className="half">
        <time dateTime={time} title={ageWords(time)}>
          {timeIn(shownZone(), Date.parse(time))}
        </time>
      </td>
      <td data-label="User" className="breaks half">
        {user || '–'}
        {as !== undefined && <small>as {as}</small>}
      </td>
      <td data-label="Verb" className="half end">
        {verb}
      </td>
      <td className="breaks lead">
        <Subject kind={kind} namespace={namespace} name={name} />
        {namespace !== '' && <small>{namespace}</small>}
      </td>
      <td className="hide-narrow">{sourceIP || '–'}</td>
      <td data-label="State">
        <span className={status < 400 ? 'state good' : 'state bad'}>
          {status < 400 ? 'Accepted' : `Refused, ${status}`}
        </span>
      </td>
      <td className="right corner" data-label="Actions">
        <button
          type="button"
          className="icon-button small"
          aria-label={`Details of entry ${sequence}`}
          aria-expanded={open}
          onClick={onToggle}
        >
          {open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        </button>
      </td>
    </tr>
  );
}

const ageWords = (time: string): string => `${formatAge(Math.max(0, Date.now() - Date.parse(time)))} ago`;

const PAGES: Readonly<Record<string, string>> = {
  ...{ Task: '/tasks', Run: '/runs', Package: '/packages', Agent: '/agents', Cluster: '/clusters' },
  ...{ User: '/access/users', Role: '/access/roles' },
};

/** The way to what was written, where it has a page. */
function Subject({ kind, namespace, name }: Pick<AuditEntry, 'kind' | 'namespace' | 'name'>) {
  const words = name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
  const page = PAGES[kind];
  if (page === undefined || name === '') return words;
  return (
    <Link className="main-link" href={[page, namespace, name].filter((part) => part !== '').join('/')}>
      {words}
    </Link>
  );
}

function Details({ entry }: { readonly entry: AuditEntry }) {
  const { sequence, time, requestId, token, asGroups, sourceIP, resourceVersion, change, omitted, hash } = entry;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Entry', String(sequence)],
    ['Time', exactTime(Date.parse(time))],
    ['From', sourceIP === '' ? 'the center itself' : sourceIP],
    ['Request', requestId || undefined],
    ['Token', token === undefined ? undefined : `SHA-256 ${token}…`],
    ['As groups', asGroups?.join(', ')],
    ['Version after it', resourceVersion],
    ['Left out before it', omitted === undefined ? undefined : `${omitted} refused requests of the same user`],
    ['Change', change],
    ['Hash', hash],
  ];
  return (
    <tr className="details">
      <td colSpan={7}>
        <dl className="facts">
          {facts.map(([name, value]) =>
            value === undefined ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </td>
    </tr>
  );
}

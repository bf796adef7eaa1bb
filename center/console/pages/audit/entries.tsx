import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { AuditEntry } from '../../../../manifests/index.js';
import { Moment } from '../../parts/moment.js';
import { exactTime } from '../../text/times.js';

/** The latest first; one at a time shows its details. */
export function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const [open, setOpen] = useState<number>();
  return (
    <div className="table-box">
      <table className="data stacked">
        <caption className="visually-hidden">Writes, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
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
      <td data-label="When">
        <Moment time={time} />
      </td>
      <td data-label="User">
        {user || '–'}
        {as !== undefined && <small>as {as}</small>}
      </td>
      <td data-label="Verb">{verb}</td>
      <td className="breaks lead">
        {kind.toLowerCase()}
        {name !== '' && `/${name}`}
        {namespace !== '' && <small>{namespace}</small>}
      </td>
      <td className="hide-narrow">{sourceIP || '–'}</td>
      <td data-label="State">
        <span className={status < 400 ? 'state good' : 'state bad'}>
          {status < 400 ? 'accepted' : `refused, ${status}`}
        </span>
      </td>
      <td className="right" data-label="Actions">
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

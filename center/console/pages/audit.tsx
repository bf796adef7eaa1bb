// Who wrote what: the audit, a page at a time, as the center keeps it.
import { useQuery } from '@tanstack/react-query';
import type { AuditEntry } from '../../../manifests/index.js';
import { GROUP_PATH, request } from '../api/request.js';
import { CommandLine } from '../parts/command-line.js';
import { Choice, SearchField, useParameter } from '../parts/filters.js';
import { Moment } from '../parts/moment.js';
import { Empty, ErrorNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { useNamespace } from '../shell/namespace-scope.js';

interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly metadata: { readonly continue?: string; readonly head: { readonly sequence: number } };
}

const ENTRIES = 200;
const VERBS = ['apply', 'create', 'update', 'patch', 'delete', 'run', 'cancel', 'retry', 'suspend', 'resume', 'login'];

/** The latest entries: the center tells the oldest first, so it is asked for those after a place near the end. */
async function latest(filter: Readonly<Record<string, string | undefined>>): Promise<readonly AuditEntry[]> {
  const ask = (query: Readonly<Record<string, string | number | undefined>>) =>
    request<AuditPage>(`${GROUP_PATH}/auditentries`, { query });
  const { metadata } = await ask({ limit: 1 });
  // Where a filter leaves out much, a page near the end holds little: it is widened until it is full, or all there is.
  for (let back = ENTRIES; ; back *= 8) {
    const after = Math.max(0, metadata.head.sequence - back);
    const found: AuditEntry[] = [];
    for (let from: string | undefined = String(after); from !== undefined; ) {
      const page: AuditPage = await ask({ ...filter, after: from, limit: 1000 });
      found.push(...page.items);
      from = page.metadata.continue;
    }
    if (found.length >= ENTRIES || after === 0) return found.reverse().slice(0, ENTRIES);
  }
}

export function AuditPage() {
  const { namespace } = useNamespace();
  const [user] = useParameter('q');
  const [verb] = useParameter('verb');
  const filter = { namespace, user: user || undefined, verb: verb || undefined };
  const entries = useQuery({ queryKey: ['audit', filter], queryFn: () => latest(filter), refetchInterval: 10_000 });
  const flags = [user && ` --by ${user}`, verb && ` --verb ${verb}`];
  return (
    <>
      <PageHead title="Audit" />
      <search className="filters">
        <SearchField label="User" />
        <Choice name="verb" label="Verb" all="All verbs" options={VERBS} />
      </search>
      {entries.error !== null ? (
        <ErrorNote error={entries.error} />
      ) : entries.data === undefined ? (
        <Loading />
      ) : entries.data.length === 0 ? (
        <Empty title="Nothing was written" />
      ) : (
        <Entries entries={entries.data} />
      )}
      <CommandLine command={`ctask audit writes${flags.filter(Boolean).join('')}`} />
    </>
  );
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <div className="table-box">
      <table className="data">
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
          </tr>
        </thead>
        <tbody>
          {entries.map(({ sequence, time, user, as, verb, kind, namespace, name, sourceIP, status }) => (
            <tr key={sequence}>
              <td>
                <Moment time={time} />
              </td>
              <td>
                {user || '–'}
                {as !== undefined && <small>as {as}</small>}
              </td>
              <td>{verb}</td>
              <td>
                {kind.toLowerCase()}
                {name !== '' && `/${name}`}
                {namespace !== '' && <small>{namespace}</small>}
              </td>
              <td className="hide-narrow">{sourceIP || '–'}</td>
              <td>
                <span className={status < 400 ? 'state good' : 'state bad'}>
                  {status < 400 ? 'accepted' : `refused, ${status}`}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { revokeToken, type TokenObject } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { type DataColumn, DataTable } from '../../parts/data-table.js';
import { Moment } from '../../parts/moment.js';
import { ErrorNote, Loading } from '../../parts/notes.js';
import { useListed } from '../../state/use-listed.js';
import { useNow } from '../../state/use-now.js';

export const tokenColumns: readonly DataColumn<TokenObject>[] = [
  {
    name: 'Name',
    by: ({ metadata }) => metadata.name,
    cell: ({ metadata, spec }) => (
      <>
        <strong className="main-link">{metadata.name}</strong>
        {spec.description !== undefined && <small>{spec.description}</small>}
      </>
    ),
  },
  {
    name: 'Owner',
    by: ({ spec }) => spec.owner.name,
    cell: ({ spec }) => (
      <>
        {spec.owner.name}
        {spec.owner.kind === 'ServiceAccount' && <small>service account</small>}
      </>
    ),
  },
  { name: 'Allows', cell: ({ spec }) => scopeWords(spec.scope) },
  {
    name: 'Created',
    by: ({ metadata }) => metadata.creationTimestamp,
    cell: ({ metadata, spec }) => (
      <>
        <Moment time={metadata.creationTimestamp} />
        {spec.createdBy !== spec.owner.name && <small>by {spec.createdBy}</small>}
      </>
    ),
    wide: true,
  },
  {
    name: 'Last used',
    by: ({ status }) => status?.lastUsedTime ?? '',
    cell: ({ status }) =>
      status?.lastUsedTime === undefined ? <span className="faint">never</span> : <Moment time={status.lastUsedTime} />,
  },
  { name: 'Expires', by: ({ spec }) => spec.expires, cell: ({ spec }) => <Expiry time={spec.expires} /> },
  { name: 'Actions', cell: (token) => <ActionButtons object={token} actions={[revokeToken]} /> },
];

/** So near, whoever uses it needs another one soon. */
const SOON_MS = 7 * 24 * 3_600_000;

function Expiry({ time }: { readonly time: string }) {
  const left = Date.parse(time) - useNow();
  if (left <= 0) return <span className="state bad">expired</span>;
  return (
    <span className={left < SOON_MS ? 'state warn' : undefined}>
      <Moment time={time} ahead />
    </span>
  );
}

function scopeWords(scope: TokenObject['spec']['scope']): string {
  const role = scope?.role ?? 'all that the owner may';
  return scope?.namespaces === undefined ? role : `${role} in ${scope.namespaces.join(', ')}`;
}

interface TokenTableProps {
  readonly owner: { readonly kind: 'User' | 'ServiceAccount'; readonly name: string };
}

/** The tokens of one owner. */
export function TokenTable({ owner }: TokenTableProps) {
  const tokens = useListed('tokens');
  const own = tokens.items.filter(({ spec }) => spec.owner.kind === owner.kind && spec.owner.name === owner.name);
  if (tokens.phase === 'refused') return <ErrorNote error={tokens.error} />;
  if (tokens.phase === 'loading') return <Loading lines={2} />;
  if (own.length === 0) return <p className="muted">No valid tokens</p>;
  return (
    <DataTable
      caption={`Tokens of ${owner.name}`}
      columns={tokenColumns.filter(({ name }) => name !== 'Owner')}
      items={own}
      keyOf={({ metadata }) => metadata.uid}
      sorted="Name"
    />
  );
}

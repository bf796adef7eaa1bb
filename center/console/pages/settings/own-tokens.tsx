import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeToken, type TokenObject } from '../../actions/access-actions.js';
import { GROUP_PATH, request } from '../../api/request.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { DataTable } from '../../parts/data-table.js';
import { ErrorNote, Loading } from '../../parts/notes.js';
import { TokenDialog } from '../access/token-dialog.js';
import { tokenColumns } from '../access/token-table.js';

const PATH = `${GROUP_PATH}/selfsubject/tokens`;

/** Everybody has tokens of their own, and sees these alone. */
export function OwnTokens() {
  const [making, setMaking] = useState(false);
  const tokens = useQuery({
    queryKey: ['own tokens'],
    queryFn: () => request<{ items: readonly TokenObject[] }>(PATH),
    refetchInterval: 10_000,
  });
  const again = () => void tokens.refetch();
  const revoke = {
    ...revokeToken,
    right: undefined,
    request: async ({ metadata }: TokenObject) => {
      await request(`${PATH}/${encodeURIComponent(metadata.name)}`, { method: 'DELETE' });
      again();
    },
  };
  const columns = [
    ...tokenColumns.filter(({ name }) => name !== 'Owner' && name !== 'Actions'),
    { name: 'Actions', cell: (token: TokenObject) => <ActionButtons object={token} actions={[revoke]} /> },
  ];
  return (
    <section className="card wide" aria-label="Tokens">
      <header className="card-head">
        <h2>Your tokens</h2>
        <button type="button" className="button" onClick={() => setMaking(true)}>
          New token
        </button>
      </header>
      {tokens.error !== null ? (
        <ErrorNote error={tokens.error} />
      ) : tokens.data === undefined ? (
        <Loading lines={2} />
      ) : tokens.data.items.length === 0 ? (
        <p className="muted">
          You have none. <code>ctask</code> and programs sign in with tokens; each has an end, and can be revoked by
          itself.
        </p>
      ) : (
        <DataTable
          caption="Your tokens"
          columns={columns}
          items={tokens.data.items}
          keyOf={({ metadata }) => metadata.uid}
          sorted="Name"
        />
      )}
      {making && <TokenDialog own onMade={again} onClose={() => setMaking(false)} />}
    </section>
  );
}

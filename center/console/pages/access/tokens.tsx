import { useState } from 'react';
import { useLive } from '../../state/use-live.js';
import { PartFrame, type PartProps } from './part.js';
import { TokenDialog } from './token-dialog.js';
import { tokenColumns } from './token-table.js';

export function TokensPage({ tabs }: PartProps) {
  const tokens = useLive('tokens');
  const [making, setMaking] = useState(false);
  return (
    <PartFrame
      tabs={tabs}
      what="tokens"
      live={tokens}
      items={tokens.items}
      columns={tokenColumns}
      command="ctask get tokens"
      button="New token"
      right={{ verb: 'create', plural: 'tokens' }}
      onNew={() => setMaking(true)}
      empty="A token lets a program or ctask speak for a user or a service account."
    >
      {making && <TokenDialog onClose={() => setMaking(false)} />}
    </PartFrame>
  );
}

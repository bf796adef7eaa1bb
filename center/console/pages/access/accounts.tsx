import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type AccountObject, accountActions, createObject } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import type { DataColumn } from '../../parts/data-table.js';
import { TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { useToast } from '../../parts/toasts.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { ctask, shellWord } from '../../text/shell.js';
import { RoleNames } from './given-roles.js';
import { descriptionColumn, Enabled, linkedName, madeColumn, PartFrame, type PartProps } from './part.js';

const columns: readonly DataColumn<AccountObject>[] = [
  linkedName('serviceaccounts'),
  { name: 'State', cell: ({ spec }) => <Enabled disabled={spec.disabled} /> },
  { name: 'Roles', cell: ({ metadata }) => <RoleNames subject={{ kind: 'ServiceAccount', name: metadata.name }} /> },
  descriptionColumn,
  { name: 'Tokens', cell: ({ metadata }) => <TokenCount owner={metadata.name} /> },
  madeColumn,
  { name: 'Actions', cell: (account) => <ActionButtons object={account} actions={accountActions} /> },
];

/** Without one nothing can use the account. */
function TokenCount({ owner }: { readonly owner: string }) {
  const tokens = useListed('tokens');
  if (tokens.phase === 'refused' || tokens.phase === 'loading') return <span className="faint none">–</span>;
  const { length } = tokens.items.filter(
    ({ spec }) => spec.owner.kind === 'ServiceAccount' && spec.owner.name === owner,
  );
  if (length === 0) return <span className="state warn">none: nothing can use it</span>;
  return (
    <Link href={`/access/serviceaccounts/${owner}`} className="number">
      {length}
    </Link>
  );
}

export function AccountsPage({ tabs }: PartProps) {
  const accounts = useLive('serviceaccounts');
  const [making, setMaking] = useState(false);
  return (
    <PartFrame
      tabs={tabs}
      what="service accounts"
      live={accounts}
      items={accounts.items}
      columns={columns}
      command="ctask get serviceaccounts"
      button="New service account"
      right={{ verb: 'create', plural: 'serviceaccounts' }}
      onNew={() => setMaking(true)}
      empty="A service account is a program that uses the API, with tokens and without a password."
    >
      {making && <NewAccount onClose={() => setMaking(false)} />}
    </PartFrame>
  );
}

function NewAccount({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const tell = useToast();
  const [, navigate] = useLocation();
  const command = ctask('create serviceaccount', shellWord(name || 'NAME'), ['--description', description]);
  async function send(): Promise<void> {
    const spec = description === '' ? {} : { description };
    await createObject('serviceaccounts', 'ServiceAccount', { name }, spec);
    tell({ text: `${name} is created; it needs a role and a token`, tone: 'good', command });
    onClose();
    navigate(`/access/serviceaccounts/${name}`);
  }
  return (
    <FormDialog title="New service account" submit="Create" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          <TextField label="Name" value={name} onChange={setName} required problem={problemAt('metadata.name')} />
          <TextField
            label="Description"
            value={description}
            onChange={setDescription}
            hint="What the program does"
            problem={problemAt('spec.description')}
          />
        </>
      )}
    </FormDialog>
  );
}

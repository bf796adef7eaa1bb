// One service account: what it may do, and the tokens with which programs use it.
import { useState } from 'react';
import { accountActions } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import { CommandLine } from '../../parts/command-line.js';
import { LeadWords } from '../../parts/lead-words.js';
import { Missing } from '../../parts/missing.js';
import { LiveNote, Loading } from '../../parts/notes.js';
import { PageHead } from '../../parts/page-head.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';
import { ctask } from '../../text/shell.js';
import { BindingDialog } from './binding-dialog.js';
import { NoRoleNote, RolesCard, type Subject, useGivenRoles, useMayGive } from './given-roles.js';
import { Enabled } from './part.js';
import { TokenDialog } from './token-dialog.js';
import { TokenTable } from './token-table.js';

const ABOVE = { name: 'Service accounts', path: '/access/serviceaccounts' };

export function AccountPage({ name }: { readonly name: string }) {
  const accounts = useLive('serviceaccounts', { fieldSelector: `metadata.name=${name}` });
  const subject = { kind: 'ServiceAccount', name } satisfies Subject;
  const given = useGivenRoles(subject);
  const mayGive = useMayGive();
  const may = useRights();
  const [dialog, setDialog] = useState<'role' | 'token'>();
  const [account] = accounts.items;
  if (account === undefined) {
    if (accounts.phase === 'loading') return <Loading />;
    return <Missing live={accounts} kind="service account" name={name} above={ABOVE} />;
  }
  const { description, disabled } = account.spec;
  const without = given.complete && given.rows.length === 0;
  return (
    <>
      <PageHead title={name} above={ABOVE} beside={<Enabled disabled={disabled} />}>
        {!without && (
          <PermittedButton permission={mayGive} onPress={() => setDialog('role')}>
            Give a role
          </PermittedButton>
        )}
        <PermittedButton permission={may({ verb: 'create', plural: 'tokens' })} onPress={() => setDialog('token')}>
          New token
        </PermittedButton>
        <ActionButtons object={account} actions={accountActions} ofPage={name} />
      </PageHead>
      <LiveNote live={accounts} what="service accounts" />
      {description !== undefined && <LeadWords text={description} />}
      {without && <NoRoleNote subject={subject} onGive={() => setDialog('role')} />}
      <RolesCard subject={subject} given={given} />
      <section className="card spaced" aria-label="Tokens">
        <header className="card-head">
          <h2>Tokens</h2>
        </header>
        <TokenTable owner={subject} />
      </section>
      <CommandLine command={ctask('describe serviceaccount', name)} />
      {dialog === 'role' && <BindingDialog subject={subject} onClose={() => setDialog(undefined)} />}
      {dialog === 'token' && <TokenDialog owner={subject} onClose={() => setDialog(undefined)} />}
    </>
  );
}

// One group: who is in it, and what being in it allows.
import { useState } from 'react';
import { deleteGroup } from '../../actions/access-actions.js';
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
import { GroupDialog, Members } from './groups.js';

const ABOVE = { name: 'Groups', path: '/access/groups' };

export function GroupPage({ name }: { readonly name: string }) {
  const groups = useLive('groups', { fieldSelector: `metadata.name=${name}` });
  const subject: Subject = { kind: 'Group', name };
  const given = useGivenRoles(subject);
  const mayGive = useMayGive();
  const may = useRights();
  const [dialog, setDialog] = useState<'role' | 'members'>();
  const [group] = groups.items;
  if (group === undefined) {
    if (groups.phase === 'loading') return <Loading />;
    return <Missing live={groups} kind="group" name={name} above={ABOVE} />;
  }
  const { description, members = [] } = group.spec;
  const without = given.complete && given.rows.length === 0;
  return (
    <>
      <PageHead title={name} above={ABOVE}>
        {!without && (
          <PermittedButton permission={mayGive} onPress={() => setDialog('role')}>
            Give a role
          </PermittedButton>
        )}
        <PermittedButton permission={may({ verb: 'patch', plural: 'groups' })} onPress={() => setDialog('members')}>
          Change members
        </PermittedButton>
        <ActionButtons object={group} actions={[deleteGroup]} ofPage={name} />
      </PageHead>
      <LiveNote live={groups} what="groups" />
      {description !== undefined && <LeadWords text={description} />}
      {without && <NoRoleNote subject={subject} onGive={() => setDialog('role')} />}
      <div className="columns">
        <section className="card" aria-label="Members">
          <header className="card-head">
            <h2>Members</h2>
          </header>
          <Members names={members} />
        </section>
        <RolesCard subject={subject} given={given} />
      </div>
      <CommandLine command={ctask('describe group', name)} />
      {dialog === 'role' && <BindingDialog subject={subject} onClose={() => setDialog(undefined)} />}
      {dialog === 'members' && <GroupDialog group={group} onClose={() => setDialog(undefined)} />}
    </>
  );
}

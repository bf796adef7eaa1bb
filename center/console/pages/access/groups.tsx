import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { createObject, deleteGroup, type GroupObject, patchSpec } from '../../actions/access-actions.js';
import { ActionButtons } from '../../parts/action-buttons.js';
import type { DataColumn } from '../../parts/data-table.js';
import { ManyField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import { useToast } from '../../parts/toasts.js';
import { useListed } from '../../state/use-listed.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';
import { ctask, shellWord } from '../../text/shell.js';
import { RoleNames } from './given-roles.js';
import { descriptionColumn, linkedName, madeColumn, PartFrame, type PartProps } from './part.js';

export function GroupsPage({ tabs }: PartProps) {
  const groups = useLive('groups');
  const may = useRights();
  /** `new` for one that is made. */
  const [edited, setEdited] = useState<GroupObject | 'new'>();
  const columns: readonly DataColumn<GroupObject>[] = [
    linkedName('groups'),
    { name: 'Members', cell: ({ spec }) => <Members names={spec.members ?? []} /> },
    { name: 'Roles', cell: ({ metadata }) => <RoleNames subject={{ kind: 'Group', name: metadata.name }} /> },
    descriptionColumn,
    madeColumn,
    {
      name: 'Actions',
      cell: (group) => (
        <div className="actions">
          <PermittedButton
            permission={may({ verb: 'patch', plural: 'groups' })}
            label={`Members of ${group.metadata.name}`}
            onPress={() => setEdited(group)}
          >
            Members
          </PermittedButton>
          <ActionButtons object={group} actions={[deleteGroup]} />
        </div>
      ),
    },
  ];
  return (
    <PartFrame
      tabs={tabs}
      what="groups"
      live={groups}
      items={groups.items}
      columns={columns}
      command="ctask get groups"
      button="New group"
      right={{ verb: 'create', plural: 'groups' }}
      onNew={() => setEdited('new')}
      empty="A group is users who are given roles together."
    >
      {edited !== undefined && (
        <GroupDialog group={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </PartFrame>
  );
}

export function Members({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <span className="faint">nobody</span>;
  return (
    <ul className="names">
      {names.map((name) => (
        <li key={name}>
          <Link href={`/access/users/${name}`}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}

interface GroupDialogProps {
  /** Absent: a new one. */
  readonly group: GroupObject | undefined;
  readonly onClose: () => void;
}

export function GroupDialog({ group, onClose }: GroupDialogProps) {
  const [name, setName] = useState(group?.metadata.name ?? '');
  const [members, setMembers] = useState<readonly string[]>(group?.spec.members ?? []);
  const [description, setDescription] = useState(group?.spec.description ?? '');
  const users = useListed('users');
  const tell = useToast();
  const [, navigate] = useLocation();
  const command =
    group === undefined
      ? ctask('create group', shellWord(name || 'NAME'), ...members.map((one) => ['--member', one] as const), [
          '--description',
          description,
        ])
      : ctask('patch group', name, '--type', 'merge', ['-p', JSON.stringify({ spec: { members } })]);

  async function send(): Promise<void> {
    if (group === undefined) {
      await createObject('groups', 'Group', { name }, { members, ...(description === '' ? {} : { description }) });
    } else await patchSpec('groups', name, { members }, group.metadata.resourceVersion);
    tell({ text: `${name} has ${members.length} members`, tone: 'good', command });
    onClose();
    if (group === undefined) navigate(`/access/groups/${name}`);
  }

  return (
    <FormDialog
      title={group === undefined ? 'New group' : `Members of ${name}`}
      submit={group === undefined ? 'Create' : 'Save'}
      command={command}
      send={send}
      onClose={onClose}
    >
      {(problemAt) => (
        <>
          {group === undefined && (
            <TextField label="Name" value={name} onChange={setName} required problem={problemAt('metadata.name')} />
          )}
          <ManyField
            label="Members"
            values={members}
            onChange={setMembers}
            suggestions={users.items.map(({ metadata }) => metadata.name).sort()}
            hint="Enter adds a name"
            problem={problemAt('spec.members')}
          />
          {group === undefined && (
            <TextField
              label="Description"
              value={description}
              onChange={setDescription}
              problem={problemAt('spec.description')}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}

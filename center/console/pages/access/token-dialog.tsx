import { useState } from 'react';
import { builtInRoles } from '../../../../manifests/index.js';
import type { TokenObject } from '../../actions/access-actions.js';
import { pathOf, request } from '../../api/request.js';
import { ManyField, SelectField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { useListed } from '../../state/use-listed.js';
import { ctask } from '../../text/shell.js';

interface TokenDialogProps {
  /** Tokens of oneself only: whose is not asked. */
  readonly own?: boolean;
  /** Whose it is unless somebody else is chosen. */
  readonly owner?: { readonly kind: 'User' | 'ServiceAccount'; readonly name: string };
  readonly onClose: () => void;
  readonly onMade?: () => void;
}

const LIFETIMES = [
  ['1d', 'One day'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['366d', '366 days, the most'],
] as const;

/** A token, whose secret is shown once. */
export function TokenDialog({ own = false, owner: first, onClose, onMade }: TokenDialogProps) {
  /** `User ann`, or nothing for oneself. */
  const [owner, setOwner] = useState(first === undefined ? '' : `${first.kind} ${first.name}`);
  const [expires, setExpires] = useState('90d');
  const [role, setRole] = useState('');
  const [within, setWithin] = useState<readonly string[]>([]);
  const [description, setDescription] = useState('');
  const [secret, setSecret] = useState<string>();
  const [users, accounts] = [useListed('users'), useListed('serviceaccounts')];
  const [roles, namespaces] = [useListed('roles'), useListed('namespaces')];
  const [kind = '', name = ''] = owner.split(' ');
  const command = ctask(
    'create token',
    ['--user', kind === 'User' ? name : ''],
    ['--serviceaccount', kind === 'ServiceAccount' ? name : ''],
    ['--expires', expires],
    ['--scope-role', role],
    ['--scope-namespace', within.join(',')],
    ['--description', description],
  );

  async function send(): Promise<void> {
    const scope = { ...(role === '' ? {} : { role }), ...(within.length === 0 ? {} : { namespaces: within }) };
    const body = {
      ...{ expires },
      ...(owner === '' ? {} : { owner: { kind, name } }),
      ...(Object.keys(scope).length === 0 ? {} : { scope }),
      ...(description === '' ? {} : { description }),
    };
    const made = await request<{ token: string; object: TokenObject }>(pathOf('tokens'), { method: 'POST', body });
    onMade?.();
    setSecret(made.token);
  }

  if (secret !== undefined) {
    return (
      <ShownOnce
        title="The token is made"
        label="Token"
        secret={secret}
        words="ctask takes it with --token or CTASK_TOKEN, programs as Authorization: Bearer."
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog title="New token" submit="Create" command={command} send={send} onClose={onClose}>
      {(problemAt) => (
        <>
          {!own && (
            <SelectField
              label="Whose"
              value={owner}
              onChange={setOwner}
              options={[
                ['', 'My own'],
                ...accounts.items.map(({ metadata }) => choice('ServiceAccount', 'service account', metadata.name)),
                ...users.items.map(({ metadata }) => choice('User', 'user', metadata.name)),
              ]}
              problem={problemAt('owner')}
            />
          )}
          <TextField
            label="What it is for"
            value={description}
            onChange={setDescription}
            problem={problemAt('description')}
          />
          <SelectField
            label="Good for"
            value={expires}
            onChange={setExpires}
            options={LIFETIMES}
            problem={problemAt('expires')}
          />
          <SelectField
            label="What it allows"
            value={role}
            onChange={setRole}
            options={[
              ['', 'All that its owner may'],
              ...[...new Set([...builtInRoles, ...roles.items.map(({ metadata }) => metadata.name)])].map(
                (one) => [one, `What ${one} allows, and no more`] as const,
              ),
            ]}
            problem={problemAt('scope')}
          />
          <ManyField
            label="Namespaces"
            values={within}
            onChange={setWithin}
            suggestions={namespaces.items.map(({ metadata }) => metadata.name).sort()}
            hint="All unless given"
          />
        </>
      )}
    </FormDialog>
  );
}

function choice(kind: string, words: string, name: string): readonly [string, string] {
  return [`${kind} ${name}`, `${name} (${words})`];
}

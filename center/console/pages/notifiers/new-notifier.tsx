// A new notifier: a form, and beside it the YAML that it writes. Either can be changed; the YAML is what counts.
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { SYSTEM_NAMESPACE } from '../../../../manifests/index.js';
import { CommandLine } from '../../parts/command-line.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { useParameter } from '../../parts/filters.js';
import { PageHead } from '../../parts/page-head.js';
import { PermittedButton } from '../../parts/permitted-button.js';
import { useToast } from '../../parts/toasts.js';
import { Verdict } from '../../parts/verdict.js';
import { YamlEditor } from '../../parts/yaml-editor.js';
import { useNamespace } from '../../shell/namespace-scope.js';
import { sendManifest, useDryRun } from '../../state/use-dry-run.js';
import { useLive } from '../../state/use-live.js';
import { useRights } from '../../state/use-rights.js';
import { parseText, withField } from '../../text/yaml.js';
import { NotifierFields } from './notifier-fields.js';

const template = (namespace: string): string => `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata:
  name: my-notifier
  namespace: ${namespace}
spec:
  email:
    host: mail.example.com
    from: CloudTask <cloudtask@example.com>
    to:
      - ops@example.com
`;

export function NewNotifierPage() {
  const scope = useNamespace();
  const [asked] = useParameter('namespace');
  const [text, setText] = useState(() => template(asked || scope.namespace || 'default'));
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const tell = useToast();
  const namespaces = useLive('namespaces');
  const judgement = useDryRun('notifiers', text, false);
  const { name, namespace } = useMemo(() => namesOf(text), [text]);
  const permission = useRights()({ verb: 'create', plural: 'notifiers', namespace });
  const command = `ctask create -f ${name === '' ? 'notifier' : name}.yaml`;
  const set = (field: string) => (value: string) =>
    setText(withField(text, ['metadata', field], value === '' ? undefined : value));
  const known = [...new Set([namespace, SYSTEM_NAMESPACE, ...namespaces.items.map(({ metadata }) => metadata.name)])];

  async function create(): Promise<void> {
    setBusy(true);
    try {
      await sendManifest('notifiers', judgement.object, false, false);
      tell({ text: `${name} is created; a test shows whether it works`, tone: 'good', command });
      navigate(`/notifiers/${namespace}/${name}`);
    } catch (error) {
      setBusy(false);
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    }
  }

  return (
    <>
      <PageHead title="New notifier" above={{ name: 'Notifiers', path: '/notifiers' }}>
        <PermittedButton
          permission={permission}
          className="button primary"
          disabled={busy || judgement.phase !== 'good'}
          onPress={() => void create()}
        >
          {busy ? 'Creating…' : 'Create'}
        </PermittedButton>
      </PageHead>
      <div className="new-task tall">
        <form className="card form" onSubmit={(event) => event.preventDefault()} aria-label="Fields">
          <TextField label="Name" value={name} onChange={set('name')} required />
          <SelectField
            label="Namespace"
            value={namespace}
            onChange={set('namespace')}
            options={known.sort()}
            hint={namespace === SYSTEM_NAMESPACE ? 'For what clusters have to tell' : undefined}
          />
          <NotifierFields text={text} problems={judgement.problems} onChange={setText} />
        </form>
        <section aria-label="Manifest">
          <YamlEditor label="Manifest" text={text} onChange={setText} problems={judgement.problems} />
          <div className="editor-bar below">
            <Verdict judgement={judgement} />
          </div>
          <CommandLine command={command} />
        </section>
      </div>
    </>
  );
}

function namesOf(text: string): { readonly name: string; readonly namespace: string } {
  const parsed = parseText(text);
  const object = 'object' in parsed ? (parsed.object as { metadata?: Record<string, unknown> | null } | null) : null;
  const { name, namespace } = object?.metadata ?? {};
  return { name: textOf(name) ?? '', namespace: textOf(namespace) ?? 'default' };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

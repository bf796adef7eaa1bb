// A new object: a form for what most of its kind need, and beside it the YAML that it writes. Either can be changed; the YAML is what
// counts. Who may not create one is told so before anything is typed.
import { type ReactNode, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Followed } from '../api/objects.js';
import { CommandLine } from '../parts/command-line.js';
import { SelectField, TextField } from '../parts/fields.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { useToast } from '../parts/toasts.js';
import { Verdict } from '../parts/verdict.js';
import { YamlEditor } from '../parts/yaml-editor.js';
import type { Permission } from '../state/rights.js';
import { type Judgement, sendManifest, useDryRun, type Written } from '../state/use-dry-run.js';
import { useLive } from '../state/use-live.js';
import { useRights } from '../state/use-rights.js';
import { fieldReader, withField } from '../text/yaml.js';

/** What fields of a form read and write. */
export interface Writing<K extends Written> {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly judgement: Judgement<Followed[K]>;
}

interface NewObjectProps<K extends Written> {
  readonly plural: K;
  /** What people call one. */
  readonly word: string;
  readonly above: { readonly name: string; readonly path: string };
  /** The YAML that one begins with. */
  readonly begun: string;
  /** Namespaces to choose from besides those that are there. */
  readonly alsoIn?: readonly string[];
  readonly namespaceHint?: (namespace: string) => string | undefined;
  /** Sentence for afterwards. */
  readonly done: (name: string) => string;
  /** Fields below name and namespace. */
  readonly fields: (writing: Writing<K>) => ReactNode;
  /** What stands under the YAML. */
  readonly beneath?: (writing: Writing<K>) => ReactNode;
  readonly className: string;
}

const NAME = ['metadata', 'name'];
const NAMESPACE = ['metadata', 'namespace'];

export function NewObject<K extends Written>(props: NewObjectProps<K>) {
  const { plural, word, above, begun, alsoIn = [], namespaceHint, done, fields, beneath, className } = props;
  const [text, setText] = useState(begun);
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const tell = useToast();
  const namespaces = useLive('namespaces');
  const read = useMemo(() => fieldReader(text), [text]);
  const [name, namespace] = [read(NAME) ?? '', read(NAMESPACE) ?? 'default'];
  const may = useRights();
  const anywhere = may({ verb: 'create', plural });
  const permission = may({ verb: 'create', plural, namespace });
  const barred = isRefused(anywhere);
  // Who may not create it may not ask what would come of it either.
  const judgement = useDryRun(plural, isRefused(permission) ? undefined : text, false);
  const command = `ctask create -f ${name === '' ? word : name}.yaml`;
  const set = (path: readonly string[]) => (value: string) => setText(withField(text, path, value || undefined));
  const known = [...new Set([namespace, ...alsoIn, ...namespaces.items.map(({ metadata }) => metadata.name)])];
  const writing: Writing<K> = { text, setText, judgement };

  async function create(): Promise<void> {
    setBusy(true);
    try {
      await sendManifest(plural, judgement.object, false, false);
      tell({ text: done(name), tone: 'good', command });
      navigate(`/${plural}/${namespace}/${name}`);
    } catch (error) {
      setBusy(false);
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    }
  }

  return (
    <>
      <PageHead title={`New ${word}`} above={above}>
        <PermittedButton
          permission={permission}
          className="button primary"
          disabled={busy || judgement.phase !== 'good'}
          onPress={() => void create()}
        >
          {busy ? 'Creating…' : 'Create'}
        </PermittedButton>
      </PageHead>
      <Refusal anywhere={anywhere} here={permission} />
      <div className={className}>
        <form className="card form" onSubmit={(event) => event.preventDefault()} aria-label="Fields">
          <fieldset disabled={barred}>
            <TextField label="Name" value={name} onChange={set(NAME)} required />
            <SelectField
              label="Namespace"
              value={namespace}
              onChange={set(NAMESPACE)}
              options={known.sort()}
              hint={namespaceHint?.(namespace)}
            />
            {fields(writing)}
          </fieldset>
        </form>
        <div className="beside">
          <section aria-label="Manifest">
            <YamlEditor
              label="Manifest"
              text={text}
              onChange={setText}
              problems={judgement.problems}
              readOnly={barred}
            />
            <div className="editor-bar below">
              <Verdict judgement={isRefused(permission) ? undefined : judgement} />
            </div>
            <CommandLine command={command} />
          </section>
          {beneath?.(writing)}
        </div>
      </div>
    </>
  );
}

/** Not while it is being asked. */
const isRefused = (permission: Permission): boolean => !permission.allowed && permission.reason !== undefined;

interface RefusalProps {
  /** Whether one may be created in any namespace at all. */
  readonly anywhere: Permission;
  readonly here: Permission;
}

function Refusal({ anywhere, here }: RefusalProps) {
  const nowhere = isRefused(anywhere);
  const { reason } = (nowhere ? anywhere : here) as { readonly reason?: string };
  if (reason === undefined) return null;
  return (
    <p className={nowhere ? 'note bad' : 'note warn'} role="alert">
      {reason}. {nowhere ? 'An administrator can give you a role that does.' : 'Choose another namespace.'}
    </p>
  );
}

// The manifest of a task as YAML: read, changed, compared and saved, as `ctask replace` does it.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { TaskObject } from '../api/objects.js';
import { CommandLine } from '../parts/command-line.js';
import { Loading } from '../parts/notes.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { useToast } from '../parts/toasts.js';
import { Verdict } from '../parts/verdict.js';
import { YamlEditor } from '../parts/yaml-editor.js';
import { sendTask, useDryRun } from '../state/use-dry-run.js';
import { useRights } from '../state/use-rights.js';
import { manifestText } from '../text/yaml.js';

export function ManifestView({ task }: { readonly task: TaskObject }) {
  const { name, namespace, generation } = task.metadata;
  // What the editor began with: the task may change meanwhile, and must not take the text away from who writes it.
  const begun = useQuery({
    queryKey: ['manifest', task.metadata.uid],
    queryFn: () => ({ text: manifestText(task), generation }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (begun.data === undefined) return <Loading />;
  return (
    <Editing
      key={begun.dataUpdatedAt}
      {...begun.data}
      name={name}
      namespace={namespace}
      overtaken={begun.data.generation !== generation}
      onAgain={() => void begun.refetch()}
    />
  );
}

interface EditingProps {
  readonly name: string;
  readonly namespace: string;
  readonly text: string;
  readonly generation?: number | undefined;
  /** Somebody else has changed the task since. */
  readonly overtaken: boolean;
  /** Begins anew with the task as it is now. */
  readonly onAgain: () => void;
}

function Editing({ name, namespace, text: original, overtaken, onAgain }: EditingProps) {
  const [text, setText] = useState(original);
  const [comparing, setComparing] = useState(false);
  const [busy, setBusy] = useState(false);
  const tell = useToast();
  const permission = useRights()({ verb: 'update', plural: 'tasks', namespace });
  const changed = text !== original;
  // Who may not change it may not ask what would come of a change either.
  const judgement = useDryRun(changed && permission.allowed ? text : undefined, true);
  const problems = useMemo(() => (changed ? judgement.problems : []), [changed, judgement.problems]);
  const command = `ctask replace -f ${name}.yaml -n ${namespace}`;

  async function save(): Promise<void> {
    setBusy(true);
    try {
      await sendTask(judgement.object, true, false);
      tell({ text: `${name} is saved`, tone: 'good', command });
      onAgain();
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-label="Manifest">
      {overtaken && (
        <p className="note warn">
          The task has changed since you began.{' '}
          <button type="button" className="link" onClick={onAgain}>
            Begin again with what it is now
          </button>
        </p>
      )}
      <div className="editor-bar">
        <Verdict judgement={changed && permission.allowed ? judgement : undefined} />
        <span className="grow" />
        <button
          type="button"
          className={comparing ? 'button on' : 'button'}
          aria-pressed={comparing}
          onClick={() => setComparing(!comparing)}
        >
          Changes
        </button>
        <button type="button" className="button" disabled={!changed} onClick={() => setText(original)}>
          Discard
        </button>
        <PermittedButton
          permission={permission}
          className="button primary"
          disabled={!changed || busy || overtaken || judgement.phase !== 'good'}
          onPress={() => void save()}
        >
          {busy ? 'Saving…' : 'Save'}
        </PermittedButton>
      </div>
      <YamlEditor
        label={`Manifest of ${name}`}
        text={text}
        onChange={setText}
        problems={problems}
        original={comparing ? original : undefined}
      />
      <CommandLine command={command} />
    </section>
  );
}

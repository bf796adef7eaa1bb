// A manifest as YAML: read, changed, compared and saved, as `ctask replace` does it. Somebody else may change the object
// meanwhile: neither takes anything away from the other.
import { type ReactNode, useMemo, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import type { Followed } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { CommandLine } from '../parts/command-line.js';
import { MergePanel } from '../parts/merge-panel.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { useToast } from '../parts/toasts.js';
import { Verdict } from '../parts/verdict.js';
import { YamlEditor } from '../parts/yaml-editor.js';
import { sendManifest, useDryRun, type Written } from '../state/use-dry-run.js';
import { useRights } from '../state/use-rights.js';
import { type TheirChange, theirChanges } from '../text/merge.js';
import { manifestText, parseText, type TextProblem, withField } from '../text/yaml.js';

type Editable = Followed[Written];

interface ManifestViewProps {
  readonly plural: Written;
  readonly object: Editable;
  /** Fields that stand beside the text and are of it. */
  readonly form?: (text: string, problems: readonly TextProblem[], onChange: (text: string) => void) => ReactNode;
}

const versionOf = ({ metadata }: Editable): number => Number(metadata.resourceVersion);

/** Its status changes all the time, and with it the version: a save is tried again while the manifest is the same. */
const TRIES = 5;

export function ManifestView({ plural, object, form }: ManifestViewProps) {
  const { name, namespace } = object.metadata;
  // What the editor began with: the object may change meanwhile, and must not take the text away from who writes it.
  const [begun, setBegun] = useState(object);
  const [newer, setNewer] = useState<Editable>();
  const original = useMemo(() => manifestText(begun), [begun]);
  const [text, setText] = useState(original);
  const [comparing, setComparing] = useState(false);
  const [busy, setBusy] = useState(false);
  const tell = useToast();
  const permission = useRights()({ verb: 'update', plural, namespace });
  const changed = text !== original;
  // Who may not change it may not ask what would come of a change either.
  const judgement = useDryRun(plural, changed && permission.allowed ? text : undefined, true);
  const problems = useMemo(() => (changed ? judgement.problems : []), [changed, judgement.problems]);
  const command = `ctask replace -f ${name}.yaml -n ${namespace}`;

  // The watch may be behind what a save has just been told.
  const latest = newer !== undefined && versionOf(newer) > versionOf(object) ? newer : object;
  const stored = useMemo(() => manifestText(latest), [latest]);
  const overtaken = versionOf(latest) > versionOf(begun) && stored !== original;
  const changes = useMemo(
    () => (overtaken ? theirChanges(objectOf(original), objectOf(text), objectOf(stored)) : []),
    [overtaken, original, text, stored],
  );

  function begin(from: Editable, withText = manifestText(from)): void {
    setBegun(from);
    setText(withText);
  }

  async function save(): Promise<void> {
    setBusy(true);
    const sent = text;
    try {
      const saved = await replaceUnchanged(plural, begun, judgement.object);
      if ('overtakenBy' in saved) {
        setNewer(saved.overtakenBy);
        tell({ text: `${name} was changed by somebody else meanwhile; nothing is saved yet`, tone: 'bad' });
      } else {
        tell({ text: `${name} is saved`, tone: 'good', command });
        // What was typed meanwhile stays.
        setBegun(saved.object);
        setText((now) => (now === sent ? manifestText(saved.object) : now));
      }
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    } finally {
      setBusy(false);
    }
  }

  /** What is stored, with what was typed on top of it: a comparison shows that alone. */
  function merge(taken: readonly TheirChange[]): void {
    const given = new Set(taken.map(({ path }) => JSON.stringify(path)));
    const typed = theirChanges(objectOf(original), objectOf(stored), objectOf(text));
    const kept = typed.filter(({ path }) => !given.has(JSON.stringify(path)));
    begin(
      latest,
      kept.reduce((merged, { path, theirs: mine }) => withField(merged, path, mine), stored),
    );
    setComparing(true);
  }

  return (
    <section aria-label="Manifest">
      {overtaken && changed && <MergePanel changes={changes} onMerge={merge} onAgain={() => begin(latest)} />}
      {overtaken && !changed && (
        <p className="note warn">
          It has changed since you began.{' '}
          <button type="button" className="link" onClick={() => begin(latest)}>
            Begin again with what it is now
          </button>
        </p>
      )}
      <div className="editor-bar">
        {changed ? (
          <Verdict judgement={permission.allowed ? judgement : undefined} />
        ) : (
          <p className="verdict muted">{permission.allowed ? 'Nothing is changed yet' : 'To read only'}</p>
        )}
        <button
          type="button"
          className={comparing ? 'button on' : 'button'}
          aria-pressed={comparing}
          disabled={!changed && !comparing}
          onClick={() => setComparing(!comparing)}
        >
          Show changes
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
      <div className={form === undefined ? undefined : 'new-task tall'}>
        {form !== undefined && (
          <form className="card form" onSubmit={(event) => event.preventDefault()} aria-label="Fields">
            {form(text, problems, setText)}
          </form>
        )}
        <YamlEditor
          label={`Manifest of ${name}`}
          text={text}
          onChange={setText}
          problems={problems}
          original={comparing ? original : undefined}
        />
      </div>
      <CommandLine command={command} />
    </section>
  );
}

/** What is no YAML at this moment has no fields. */
function objectOf(text: string): unknown {
  const parsed = parseText(text);
  return 'object' in parsed ? parsed.object : undefined;
}

/** Replaces the object if its manifest is still what the editor began with. Throws ApiError. */
async function replaceUnchanged(
  plural: Written,
  begun: Editable,
  object: unknown,
): Promise<{ readonly object: Editable } | { readonly overtakenBy: Editable }> {
  const { name, namespace } = begun.metadata;
  const original = manifestText(begun);
  for (let left = TRIES; ; left--) {
    const now = await request<Editable>(pathOf(plural, namespace, name));
    if (manifestText(now) !== original) return { overtakenBy: now };
    const { metadata, ...rest } = object as { metadata: object };
    const { resourceVersion, uid } = now.metadata;
    try {
      const written = { ...rest, metadata: { ...metadata, resourceVersion, uid } };
      return { object: await sendManifest(plural, written, true, false) };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || left <= 1) throw error;
    }
  }
}

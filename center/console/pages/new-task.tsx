// A new task: a form for what most tasks need, and beside it the YAML that it writes. Either can be changed; the YAML is what counts.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { scheduleInWords } from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { CommandLine } from '../parts/command-line.js';
import { useParameter } from '../parts/filters.js';
import { ErrorNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { useToast } from '../parts/toasts.js';
import { Verdict } from '../parts/verdict.js';
import { YamlEditor } from '../parts/yaml-editor.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { sendManifest, useDryRun } from '../state/use-dry-run.js';
import { useListed } from '../state/use-listed.js';
import { useLive } from '../state/use-live.js';
import { useRights } from '../state/use-rights.js';
import { here } from '../text/times.js';
import { manifestText, parseText, withField } from '../text/yaml.js';
import { NextTimes } from './next-times.js';

type Path = readonly (string | number)[];

const NAME: Path = ['metadata', 'name'];
const NAMESPACE: Path = ['metadata', 'namespace'];
const CLUSTER: Path = ['spec', 'cluster'];
const DESCRIPTION: Path = ['spec', 'description'];
const ZONE: Path = ['spec', 'timeZone'];
const CRON: Path = ['spec', 'schedules', 0, 'cron'];
const SCRIPT: Path = ['spec', 'run', 'script'];
const TIMEOUT: Path = ['spec', 'timeout'];

const template = (namespace: string): string => `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: my-task
  namespace: ${namespace}
spec:
  timeZone: ${here()}
  schedules:
    - cron: 0 2 * * *
  run:
    script: echo hello
`;

export function NewTaskPage() {
  const { namespace = 'default' } = useNamespace();
  const [from] = useParameter('from');
  const origin = useQuery({ queryKey: ['task', from], queryFn: () => taskOf(from), enabled: from !== '', gcTime: 0 });
  if (origin.error !== null) return <ErrorNote error={origin.error} />;
  if (from !== '' && origin.data === undefined) return <Loading />;
  return <NewTask begun={origin.data === undefined ? template(namespace) : copyOf(origin.data)} />;
}

/** @param path namespace/name */
function taskOf(path: string): Promise<TaskObject> {
  const [namespace, name] = path.split('/');
  return request<TaskObject>(pathOf('tasks', namespace ?? '', name ?? ''));
}

function copyOf(task: TaskObject): string {
  return withField(manifestText(task), NAME, `${task.metadata.name}-copy`);
}

function NewTask({ begun }: { readonly begun: string }) {
  const [text, setText] = useState(begun);
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const tell = useToast();
  const namespaces = useLive('namespaces');
  const clusters = useListed('clusters');
  const judgement = useDryRun('tasks', text, false);
  const read = useMemo(() => reader(text), [text]);
  const set = (path: Path) => (value: string) => setText(withField(text, path, value === '' ? undefined : value));
  const name = read(NAME) ?? '';
  const permission = useRights()({ verb: 'create', plural: 'tasks', namespace: read(NAMESPACE) ?? 'default' });
  const command = `ctask create -f ${name === '' ? 'task' : name}.yaml`;

  async function create(): Promise<void> {
    setBusy(true);
    try {
      await sendManifest('tasks', judgement.object, false, false);
      tell({ text: `${name} is created`, tone: 'good', command });
      navigate(`/tasks/${read(NAMESPACE) ?? 'default'}/${name}`);
    } catch (error) {
      setBusy(false);
      tell({ text: error instanceof Error ? error.message : String(error), tone: 'bad', command });
    }
  }

  return (
    <>
      <PageHead title="New task" above={{ name: 'Tasks', path: '/tasks' }}>
        <PermittedButton
          permission={permission}
          className="button primary"
          disabled={busy || judgement.phase !== 'good'}
          onPress={() => void create()}
        >
          {busy ? 'Creating…' : 'Create'}
        </PermittedButton>
      </PageHead>
      <div className="new-task">
        <form className="card form" onSubmit={(event) => event.preventDefault()} aria-label="Fields">
          <Field label="Name" value={name} onChange={set(NAME)} />
          <label className="field">
            <span>Namespace</span>
            <select value={read(NAMESPACE) ?? 'default'} onChange={(event) => set(NAMESPACE)(event.target.value)}>
              {[...new Set([read(NAMESPACE) ?? 'default', ...namespaces.items.map(({ metadata }) => metadata.name)])]
                .sort()
                .map((each) => (
                  <option key={each}>{each}</option>
                ))}
            </select>
          </label>
          <Field
            label="Description"
            value={read(DESCRIPTION) ?? ''}
            onChange={set(DESCRIPTION)}
            hint="What it is for, in a sentence"
          />
          <Field label="Cron" value={read(CRON) ?? ''} onChange={set(CRON)} hint={cronWords(read(CRON), read(ZONE))} />
          <label className="field">
            <span>Time zone</span>
            <input list="zones" value={read(ZONE) ?? ''} onChange={(event) => set(ZONE)(event.target.value)} />
            <datalist id="zones">
              {ZONES.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </label>
          <label className="field">
            <span>Cluster</span>
            <select value={read(CLUSTER) ?? 'default'} onChange={(event) => set(CLUSTER)(event.target.value)}>
              {[...new Set([read(CLUSTER) ?? 'default', ...clusters.items.map(({ metadata }) => metadata.name)])]
                .sort()
                .map((each) => (
                  <option key={each}>{each}</option>
                ))}
            </select>
          </label>
          <label className="field">
            <span>Script</span>
            <textarea
              rows={4}
              spellCheck={false}
              value={read(SCRIPT) ?? ''}
              onChange={(event) => set(SCRIPT)(event.target.value)}
            />
          </label>
          <Field
            label="Timeout"
            value={read(TIMEOUT) ?? ''}
            onChange={set(TIMEOUT)}
            hint="For example 45s, 30m or 2h; without one it may run for ever"
          />
        </form>
        <div className="beside">
          <section aria-label="Manifest">
            <YamlEditor label="Manifest" text={text} onChange={setText} problems={judgement.problems} />
            <div className="editor-bar below">
              <Verdict judgement={judgement} />
            </div>
            <CommandLine command={command} />
          </section>
          {judgement.stored !== undefined && <NextTimes task={judgement.stored} />}
        </div>
      </div>
    </>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
}

function Field({ label, value, onChange, hint }: FieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        value={value}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

/** Texts of fields; of what is no text, or not there, undefined. */
function reader(text: string): (path: Path) => string | undefined {
  const parsed = parseText(text);
  const object = 'object' in parsed ? parsed.object : undefined;
  return (path) => {
    let value = object;
    for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  };
}

const CRON_FIELDS = 'Minute, hour, day of month, month, day of week; none: on demand only';

function cronWords(cron: string | undefined, zone: string | undefined): string | undefined {
  if (cron === undefined) return CRON_FIELDS;
  const words = scheduleInWords({ cron }, zone ?? 'UTC');
  return words.startsWith(cron) ? CRON_FIELDS : words;
}

// A new task, or a copy of one.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { scheduleInWords } from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { SelectField, TextField } from '../parts/fields.js';
import { useParameter } from '../parts/filters.js';
import { ErrorNote, Loading } from '../parts/notes.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useListed } from '../state/use-listed.js';
import { here } from '../text/times.js';
import { fieldReader, manifestText, withField } from '../text/yaml.js';
import { NewObject, type Writing } from './new-object.js';
import { NextTimes } from './next-times.js';

type Path = readonly (string | number)[];

const NAME: Path = ['metadata', 'name'];
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
  return (
    <NewObject
      plural="tasks"
      word="task"
      above={{ name: 'Tasks', path: '/tasks' }}
      begun={begun}
      done={(name) => `${name} is created`}
      fields={(writing) => <TaskFields {...writing} />}
      beneath={({ judgement }) => judgement.stored !== undefined && <NextTimes task={judgement.stored} />}
      className="new-task"
    />
  );
}

function TaskFields({ text, setText }: Writing<'tasks'>) {
  const clusters = useListed('clusters');
  const read = useMemo(() => fieldReader(text), [text]);
  const set = (path: Path) => (value: string) => setText(withField(text, path, value === '' ? undefined : value));
  const cluster = read(CLUSTER) ?? 'default';
  const known = new Set([cluster, ...clusters.items.map(({ metadata }) => metadata.name)]);
  return (
    <>
      <TextField
        label="Description"
        value={read(DESCRIPTION) ?? ''}
        onChange={set(DESCRIPTION)}
        hint="What it is for, in a sentence"
      />
      <TextField label="Cron" value={read(CRON) ?? ''} onChange={set(CRON)} hint={cronWords(read(CRON), read(ZONE))} />
      <TextField label="Time zone" value={read(ZONE) ?? ''} onChange={set(ZONE)} suggestions={ZONES} />
      <SelectField label="Cluster" value={cluster} onChange={set(CLUSTER)} options={[...known].sort()} />
      <label className="field">
        <span>Script</span>
        <textarea
          rows={4}
          spellCheck={false}
          value={read(SCRIPT) ?? ''}
          onChange={(event) => set(SCRIPT)(event.target.value)}
        />
      </label>
      <TextField
        label="Timeout"
        value={read(TIMEOUT) ?? ''}
        onChange={set(TIMEOUT)}
        hint="For example 45s, 30m or 2h; without one it may run for ever"
      />
    </>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

const CRON_FIELDS = 'Minute, hour, day of month, month, day of week; none: on demand only';

function cronWords(cron: string | undefined, zone: string | undefined): string | undefined {
  if (cron === undefined) return CRON_FIELDS;
  const words = scheduleInWords({ cron }, zone ?? 'UTC');
  return words.startsWith(cron) ? CRON_FIELDS : words;
}

// `h` on a task: its revisions; Enter shows what one of them changed, `u` goes back to it (T-32).
import { formatAge } from '../../../base/index.js';
import type { Resource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import type { Revision } from '../../commands/rollout/history.js';
import { runUndo } from '../../commands/rollout/undo.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import { StaticSource } from '../state/static-source.js';
import type { TableColumn } from '../views/table-columns.js';
import type { Center } from './center.js';
import { show } from './texts.js';
import { plainWords } from './words.js';

export const REVISION_KIND = 'Revision';

interface RevisionFacts extends Revision {
  readonly namespace: string;
  readonly task: string;
  /** What the task is now. */
  readonly current: boolean;
}

const RESOURCE: Resource = {
  ...{ name: 'revisions', singularName: 'revision', kind: REVISION_KIND, namespaced: false, verbs: ['list'] },
};

const factsOf = (object: ApiObject): RevisionFacts => object.spec as RevisionFacts;

function column(name: string, cell: (facts: RevisionFacts) => string | number): TableColumn {
  const value = (object: ApiObject) => cell(factsOf(object));
  return { name, align: 'left', text: (object) => safeCell(String(value(object))), value };
}

const timeWords = (time: string | undefined, now: number): string =>
  time === undefined ? '<unknown>' : formatAge(now - Date.parse(time));

const COLUMNS: readonly TableColumn[] = [
  column('REVISION', ({ revision }) => revision),
  column('CURRENT', ({ current }) => (current ? '*' : '')),
  column('CHANGE-CAUSE', ({ cause }) => cause ?? '<none>'),
  column('AUTHOR', ({ author }) => author ?? '<unknown>'),
  {
    ...{ name: 'AGE', align: 'left' },
    text: (object, now) => timeWords(factsOf(object).time, now),
    value: (object) => -Date.parse(factsOf(object).time ?? ''),
  },
];

export async function showRevisions(dashboard: Dashboard, center: Center, { metadata }: ApiObject): Promise<void> {
  const open = dashboard.opener();
  const { namespace = 'default', name } = metadata;
  const screen = dashboard.table({
    ...{ resource: RESOURCE, source: new StaticSource(await readRevisions(center, namespace, name)), columns: COLUMNS },
    owner: { name: `${namespace}/${name}`, fieldSelector: '' },
    order: { column: 'REVISION', descending: true },
  });
  open(screen);
}

async function readRevisions(center: Center, namespace: string, task: string): Promise<ApiObject[]> {
  const path = resourcePath('tasks', namespace, task, 'revisions');
  const { items } = await (await center.deps.api()).get<{ items: Revision[] }>(path);
  const latest = Math.max(...items.map(({ revision }) => revision));
  return items.map((revision): ApiObject => {
    const uid = String(revision.revision);
    const spec: RevisionFacts = { ...revision, namespace, task, current: revision.revision === latest };
    return {
      ...{ apiVersion: '', kind: REVISION_KIND, spec },
      metadata: { name: uid, uid, resourceVersion: '', creationTimestamp: revision.time ?? '' },
    };
  });
}

/** What the revision changed; of the first one, all there is. */
export async function showRevision(object: ApiObject, dashboard: Dashboard, center: Center): Promise<void> {
  const open = dashboard.opener();
  const { namespace, task, revision } = factsOf(object);
  const api = await center.deps.api();
  const [{ toYaml }, { unifiedHunks }] = await Promise.all([
    import('../../heavy/yaml.js'),
    import('../../heavy/diff.js'),
  ]);
  const path = resourcePath('tasks', namespace, task, 'revisions');
  const { items } = await api.get<{ items: Revision[] }>(path);
  // Old revisions are dropped: the one before need not have the number before.
  const before = Math.max(0, ...items.map((one) => one.revision).filter((number) => number < revision));
  const specOf = async (number: number) =>
    number === 0 ? '' : toYaml({ spec: (await api.get<ApiObject>(`${path}/${number}`)).spec });
  const [earlier, later] = await Promise.all([specOf(before), specOf(revision)]);
  const hunks = unifiedHunks(earlier, later);
  const head = `--- ${before === 0 ? 'nothing' : `revision ${before}`}\n+++ revision ${revision}\n`;
  const text = hunks === '' ? `revision ${revision} is as revision ${before}\n` : head + hunks;
  const note = before === 0 ? `revision ${revision}, the first one` : `revision ${before} to ${revision}`;
  show(dashboard, center, open, { crumb: 'diff', about: `${namespace}/${task}`, note, text, syntax: 'diff' });
}

export const undo =
  (center: Center) =>
  (dashboard: Dashboard, { selected, options: { source } }: TableScreen): void => {
    if (selected === undefined) return;
    const { namespace, task, revision } = factsOf(selected);
    dashboard.askDangerous({
      title: 'Undo',
      lines: [
        [
          { text: 'Give ' },
          { text: safeCell(task), bold: true },
          { text: ` the specification of revision ${revision}?` },
        ],
        [{ text: 'It becomes a new revision.', meaning: 'dim' }],
      ],
      confirm: 'Undo',
      onConfirm: () =>
        dashboard.run(async () => {
          const options = { tasks: [task], toRevision: revision, dryRun: 'none', errorUnchanged: false } as const;
          const { out } = await center.capture(namespace, (deps) => runUndo(options, deps));
          if (source instanceof StaticSource) source.put(await readRevisions(center, namespace, task));
          dashboard.say(plainWords(out.trim()));
        }),
    });
  };

// The contexts as a table, so that one can look for one and go there.
import type { Resource } from '../../client/discovery.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import { StaticSource } from '../state/static-source.js';
import type { TableColumn } from '../views/table-columns.js';

export const CONTEXT_KIND = 'Context';

export interface ContextFacts {
  readonly name: string;
  readonly server: string;
  readonly namespace: string;
  readonly current: boolean;
  readonly readOnly: boolean;
  readonly protected: boolean;
}

const RESOURCE: Resource = {
  ...{ name: 'contexts', singularName: 'context', kind: CONTEXT_KIND, namespaced: false, verbs: ['list'] },
};

const factsOf = (object: ApiObject): ContextFacts => object.spec as ContextFacts;

function column(name: string, cell: (facts: ContextFacts) => string): TableColumn {
  const text = (object: ApiObject) => safeCell(cell(factsOf(object)));
  return { name, align: 'left', text, value: text };
}

/** What keys may not do there, or only after a question. */
function careWords({ readOnly, protected: guarded }: ContextFacts): string {
  return [readOnly ? 'read-only' : '', guarded ? 'protected' : ''].filter((word) => word !== '').join(',') || '<none>';
}

const COLUMNS: readonly TableColumn[] = [
  column('NAME', ({ name }) => name),
  column('CURRENT', ({ current }) => (current ? '*' : '')),
  column('CARE', careWords),
  column('SERVER', ({ server }) => server),
  column('NAMESPACE', ({ namespace }) => namespace),
];

export function showContexts(dashboard: Dashboard, contexts: readonly ContextFacts[]): void {
  const objects = contexts.map(
    (spec): ApiObject => ({
      apiVersion: '',
      kind: CONTEXT_KIND,
      metadata: { name: spec.name, uid: spec.name, resourceVersion: '' },
      spec,
    }),
  );
  const screen = dashboard.table({ resource: RESOURCE, source: new StaticSource(objects), columns: COLUMNS });
  screen.cursor.uid = contexts.find(({ current }) => current)?.name;
  dashboard.openRoot(screen);
}

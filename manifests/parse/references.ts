import { calendarReferences } from '../calendar-references.js';
import type { KindName } from '../kinds/registry.js';
import type { Task } from '../kinds/task.js';
import { notifyEntries } from '../notify-entries.js';
import { didYouMean } from '../validate/suggest.js';
import type { ParsedDocument, Problem } from './problem.js';

interface Named {
  readonly field: string;
  readonly name: string | undefined;
}

interface Reference {
  readonly from: KindName;
  readonly to: KindName;
  readonly names: (document: ParsedDocument) => readonly Named[];
}

/** Fields that name another object. Objects of these kinds called "default" exist by themselves. */
const references: readonly Reference[] = [
  {
    ...{ from: 'Task', to: 'Namespace' },
    names: ({ object }) => [{ field: 'metadata.namespace', name: object.metadata.namespace }],
  },
  { from: 'Task', to: 'Cluster', names: clusterOf },
  { from: 'Agent', to: 'Cluster', names: clusterOf },
  { from: 'Task', to: 'Calendar', names: ({ object }) => calendarReferences((object as Task).spec) },
  { from: 'Task', to: 'Task', names: tasksOf },
  { from: 'Task', to: 'Notifier', names: notifiersOf },
];

function clusterOf({ object }: ParsedDocument): Named[] {
  return [{ field: 'spec.cluster', name: (object.spec as { readonly cluster?: string }).cluster }];
}

function tasksOf({ object }: ParsedDocument): Named[] {
  const tasks = object.kind === 'Task' ? (object.spec.after?.tasks ?? []) : [];
  return tasks.map(({ name }, index) => ({ field: `spec.after.tasks[${index}].name`, name }));
}

function notifiersOf({ object }: ParsedDocument): Named[] {
  return notifyEntries(object).map(({ notifier: name, field }) => ({ name, field }));
}

/**
 * A warning for each name of an object that a set of manifests does not define although it defines others of that kind: a
 * set without any Cluster says nothing about clusters, those may be in the center already.
 */
export function danglingReferences(documents: readonly ParsedDocument[]): Problem[] {
  const defined = new Map<KindName, Set<string>>();
  for (const { kind, object } of documents) {
    const names = defined.get(kind) ?? new Set<string>();
    defined.set(kind, names.add(object.metadata.name));
  }
  return documents.flatMap((document) =>
    references.flatMap(({ from, to, names }) => {
      const defines = defined.get(to);
      if (document.kind !== from || defines === undefined) return [];
      return names(document).flatMap(({ field, name }) =>
        name === undefined || name === 'default' || defines.has(name)
          ? []
          : [dangling(document, field, name, to, defines)],
      );
    }),
  );
}

function dangling(
  document: ParsedDocument,
  field: string,
  name: string,
  to: KindName,
  defines: ReadonlySet<string>,
): Problem {
  const place = document.locate(field) ?? { line: document.line, column: 1, excerpt: '' };
  return {
    ...{ file: document.file, ...place, document: document.index, field, reason: 'ReferenceNotFound' },
    message: `${field}: no ${to} "${name}" among these manifests${didYouMean(name, defines)}`,
    severity: 'warning',
  };
}

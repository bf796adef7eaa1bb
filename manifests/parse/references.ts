import type { KindName } from '../kinds/registry.js';
import { didYouMean } from '../validate/suggest.js';
import type { ParsedDocument, Problem } from './problem.js';

interface Reference {
  readonly from: KindName;
  readonly field: string;
  readonly to: KindName;
  readonly name: (document: ParsedDocument) => string | undefined;
}

/** Fields that name another object. Objects of these kinds called "default" exist by themselves. */
const references: readonly Reference[] = [
  { from: 'Task', field: 'metadata.namespace', to: 'Namespace', name: ({ object }) => object.metadata.namespace },
  { from: 'Task', field: 'spec.cluster', to: 'Cluster', name: clusterOf },
  { from: 'Agent', field: 'spec.cluster', to: 'Cluster', name: clusterOf },
];

function clusterOf({ object }: ParsedDocument): string | undefined {
  return (object.spec as { readonly cluster?: string }).cluster;
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
    references.flatMap(({ from, field, to, name }) => {
      const wanted = document.kind === from ? name(document) : undefined;
      const names = defined.get(to);
      if (wanted === undefined || wanted === 'default' || names === undefined || names.has(wanted)) return [];
      const place = document.locate(field) ?? { line: document.line, column: 1, excerpt: '' };
      return [
        {
          file: document.file,
          ...place,
          document: document.index,
          field,
          reason: 'ReferenceNotFound',
          message: `${field}: no ${to} "${wanted}" among these manifests${didYouMean(wanted, names)}`,
          severity: 'warning',
        } as const,
      ];
    }),
  );
}

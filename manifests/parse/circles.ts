import { circleMessage, findCircle } from '../dependencies.js';
import type { ParsedDocument, Problem } from './problem.js';

/** An error for a circle of tasks that wait for one another among these manifests; `namespace` is that of those without one. What is
 * in a center is not known here: it looks again. */
export function dependencyCircles(
  documents: readonly Pick<ParsedDocument, 'kind' | 'object' | 'file' | 'line' | 'index' | 'locate'>[],
  namespace: string,
): Problem[] {
  const spaces = new Map<string, Map<string, { document: (typeof documents)[number]; names: readonly string[] }>>();
  for (const document of documents) {
    const { object } = document;
    if (object.kind !== 'Task' || object.spec.after === undefined || object.metadata.name === undefined) continue;
    const own = object.metadata.namespace ?? namespace;
    const tasks = spaces.get(own) ?? new Map();
    spaces.set(
      own,
      tasks.set(object.metadata.name, { document, names: object.spec.after.tasks.map(({ name }) => name) }),
    );
  }
  return [...spaces.values()].flatMap((tasks) => {
    const circle = findCircle(tasks.keys(), (name) => tasks.get(name)?.names ?? []);
    const found = tasks.get(circle?.[0] ?? '');
    if (circle === undefined || found === undefined) return [];
    const { document } = found;
    const field = 'spec.after';
    const place = document.locate(field) ?? { line: document.line, column: 1, excerpt: '' };
    return [
      {
        ...{ file: document.file, ...place, document: document.index, field },
        ...{ reason: 'DependencyCircle', message: circleMessage(circle), severity: 'error' as const },
      },
    ];
  });
}

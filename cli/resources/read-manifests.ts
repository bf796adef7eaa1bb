// Files to checked objects: everything that is wrong with them is said at once, and then nothing is sent.
import { CloudTaskError } from '../../base/index.js';
import type { ParsedDocument } from '../../manifests/index.js';
import type { CliDeps } from '../deps.js';
import { readSources } from './manifest-sources.js';

/** A document whose object carries the namespace it will live in. */
export type ManifestDocument = Pick<ParsedDocument, 'object' | 'kind' | 'file' | 'line' | 'locate'>;

/**
 * Reads and checks all files. Warnings are told; errors are thrown together, as CT_MANIFEST_INVALID with the whole report.
 * A manifest without namespace gets the one of the command; with `--namespace` another one in the manifest is refused.
 */
export async function readManifests(
  files: readonly string[],
  recursive: boolean,
  outcome: string,
  deps: CliDeps,
): Promise<ManifestDocument[]> {
  const sources = await readSources(files, recursive, deps);
  const { formatProblem, formatProblems, kindRow, parseManifests } = await import('../heavy/manifests.js');
  const results = sources.map(({ file, text }) => parseManifests(text, file));
  const problems = results.flatMap((result) => result.problems);
  if (problems.some(({ severity }) => severity === 'error'))
    throw new ManifestProblems(formatProblems(results, outcome));
  for (const problem of problems) await deps.say(formatProblem(problem));
  const { namespace, namespaceGiven } = await deps.settings();
  return results
    .flatMap((result) => result.documents)
    .map((document) => {
      const { object } = document;
      if (!kindRow(document.kind).namespaced) return document;
      const own = object.metadata.namespace;
      if (own !== undefined && namespaceGiven && own !== namespace) throw otherNamespace(document, own, namespace);
      return { ...document, locate: document.locate.bind(document), object: inNamespace(object, own ?? namespace) };
    });
}

const inNamespace = (object: ParsedDocument['object'], namespace: string): ParsedDocument['object'] => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

function otherNamespace({ file, line }: ParsedDocument, own: string, asked: string): CloudTaskError {
  return new CloudTaskError('CT_USAGE', {
    detail: `${file}:${line}: the namespace of the object, "${own}", is not the one asked for, "${asked}"`,
    hint: `use --namespace ${own}, or leave it out`,
  });
}

/** All problems of all files, formatted: the report is the message. */
export class ManifestProblems extends CloudTaskError {
  readonly report: string;

  constructor(report: string) {
    super('CT_MANIFEST_INVALID', report);
    this.report = report;
  }
}

// What ctask apply says when it is done: a line for each object, or all of it as one document (C-01, C-38, G-22).
import { errorOfStatus, type Status } from '../client/status.js';
import type { CliDeps } from '../deps.js';
import { listOf, renderObject } from '../output/objects.js';
import { reportError } from '../report-error.js';
import type { ApiObject } from '../resources/api-object.js';
import { placeCauses } from '../resources/place-causes.js';
import type { ManifestDocument } from '../resources/read-manifests.js';
import { type DryRun, qualifiedName, resultLine, shownName } from '../resources/words.js';

/** What became of one object; a Status when it could not be applied and the others were. */
export type ApplyResult =
  | { readonly operation: string; readonly object: ApiObject }
  | { readonly status: Status; readonly index: number };

export interface ResultOptions {
  readonly dryRun: DryRun;
  readonly output?: 'name' | 'json' | 'yaml';
}

const EXIT_FAILED = 1;
const SUMMARY = ['created', 'configured', 'unchanged', 'pruned', 'failed'] as const;

/** Says the results to stdout and the failures to stderr; with any of these the exit code is 1. */
export async function printResults(
  results: readonly ApplyResult[],
  documents: readonly ManifestDocument[],
  options: ResultOptions,
  deps: CliDeps,
): Promise<void> {
  const { output, dryRun } = options;
  const done = results.flatMap((result) => ('object' in result ? [result] : []));
  const objects = done.map(({ object }) => object);
  if (output === 'json') await deps.out(await renderObject(summarized(results), 'json'));
  else if (output === 'yaml') await deps.out(await renderObject(listOf(objects, objects.length === 1), 'yaml'));
  else await deps.out(done.map((result) => line(result, output, dryRun)).join(''));
  const failures = results.flatMap((result) => ('status' in result ? [result] : []));
  for (const { status } of failures) {
    const error = placeCauses(errorOfStatus(status), documents);
    await deps.host.stderr.write(reportError(error, { now: deps.clock.now() }).text);
  }
  if (failures.length > 0) deps.setExit(EXIT_FAILED);
}

function line(
  { operation, object: { kind, metadata } }: { operation: string; object: ApiObject },
  output: ResultOptions['output'],
  dryRun: DryRun,
): string {
  return output === 'name'
    ? `${qualifiedName(kind, shownName(metadata))}\n`
    : resultLine(kind, shownName(metadata), operation, dryRun);
}

/** A List that can be applied again, with what became of its objects and how many of each. */
function summarized(results: readonly ApplyResult[]): object {
  const items = results.flatMap((result) => ('object' in result ? [result.object] : []));
  const words = results.map((result) => {
    if ('status' in result) return { operation: 'failed', ...result.status.details, message: result.status.message };
    const { kind, metadata } = result.object;
    const { name, namespace, resourceVersion } = metadata;
    return {
      ...{ operation: result.operation, kind, name },
      ...(namespace === undefined ? {} : { namespace }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
  });
  const count = (word: string) => words.filter(({ operation }) => operation === word).length;
  const validated = count('validated'); // of a dry run here alone: then nothing else happened
  const summary = Object.fromEntries((validated > 0 ? ['validated'] : SUMMARY).map((word) => [word, count(word)]));
  return { apiVersion: 'v1', kind: 'List', items, results: words, summary };
}

// Files to checked objects: everything that is wrong with them is said at once, and then nothing is sent.
import { CloudTaskError } from '../../base/index.js';
import type { ParsedDocument, ParseResult } from '../../manifests/index.js';
import type { CliDeps } from '../deps.js';
import { Progress } from '../output/progress.js';
import { readSources } from './manifest-sources.js';

/** Checked between two looks at the clock. */
const FILES_PER_STEP = 100;

/** A document whose object carries the namespace it will live in. */
export type ManifestDocument = Pick<ParsedDocument, 'object' | 'given' | 'kind' | 'file' | 'line' | 'locate' | 'index'>;

export interface CheckOptions {
  readonly files: readonly string[];
  readonly recursive: boolean;
  /** Documents of other programs are no problem. */
  readonly skipForeign?: boolean;
  /** What happens to unknown fields; an error unless given. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** Whether objects may leave their names to the center; they may not, unless given. */
  readonly generateName?: 'Accept' | 'Note';
  /** Warn of schedules that are over. */
  readonly dated?: boolean;
  /** Look for what only a person without a server wants to know: names that no manifest defines. */
  readonly thorough?: boolean;
}

export interface CheckedManifests {
  readonly files: readonly string[];
  /** One per file, and one for what is wrong between them. */
  readonly results: readonly ParseResult[];
  /** The valid documents. */
  readonly documents: readonly ManifestDocument[];
}

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
  const { results, documents } = await checkManifests({ files, recursive }, deps);
  await tellProblems(results, outcome, deps);
  return [...documents];
}

/** Says the warnings; throws the errors together. */
export async function tellProblems(results: readonly ParseResult[], outcome: string, deps: CliDeps): Promise<void> {
  const problems = results.flatMap((result) => result.problems);
  if (problems.length === 0) return;
  const { formatProblem, formatProblems } = await import('../heavy/manifests.js');
  if (problems.some(({ severity }) => severity === 'error'))
    throw new ManifestProblems(formatProblems(results, outcome));
  for (const problem of problems) {
    deps.told(problem.message);
    await deps.say(formatProblem(problem));
  }
}

/** Reads and checks all files, and what they say together. Throws CT_USAGE for files that cannot be read. */
export async function checkManifests(options: CheckOptions, deps: CliDeps): Promise<CheckedManifests> {
  const sources = await readSources(options.files, options.recursive, deps);
  const { danglingReferences, dependencyCircles, duplicateObjects, idleTasks, kindRow, parseManifests } = await import(
    '../heavy/manifests.js'
  );
  const { namespace, namespaceGiven } = await deps.settings();
  const progress = new Progress(deps.host);
  const results = sources.map(({ file, text }, index) => {
    if (index > 0 && index % FILES_PER_STEP === 0) progress.show(`checked ${index} of ${sources.length} files`);
    return parseManifests(text, file, {
      ...(options.skipForeign ? { skipForeign: true } : {}),
      ...(options.fieldValidation === undefined ? {} : { fieldValidation: options.fieldValidation }),
      ...(options.generateName === undefined ? {} : { generateName: options.generateName }),
      ...(options.dated ? { now: deps.clock.now() } : {}),
    });
  });
  progress.clear();
  const broken = results.some(({ problems }) => problems.some(({ severity }) => severity === 'error'));
  const documents = results
    .flatMap((result) => result.documents)
    .map((document) => {
      const { object, given } = document;
      if (!kindRow(document.kind).namespaced) return document;
      const own = object.metadata.namespace;
      if (own !== undefined && namespaceGiven && own !== namespace && !broken)
        throw otherNamespace(document, own, namespace);
      const lives = own ?? namespace;
      return {
        ...{ ...document, locate: document.locate.bind(document) },
        ...{ object: inNamespace(object, lives), given: inNamespace(given, lives) },
      };
    });
  const problems = [
    ...duplicateObjects(documents, namespace),
    ...dependencyCircles(documents, namespace),
    ...(options.thorough ? [...danglingReferences(documents), ...idleTasks(documents, deps.clock.now())] : []),
  ];
  return {
    files: sources.map(({ file }) => file),
    results: problems.length === 0 ? results : [...results, { documents: [], problems, total: 0 }],
    documents,
  };
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

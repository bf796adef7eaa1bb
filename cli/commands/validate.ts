// ctask validate: checks manifests without a server (row G-03).
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat } from '../output/objects.js';
import { problemsOf, type ReportFormat, type Validated, validationReport } from '../output/validation-report.js';
import { type CheckedManifests, checkManifests, tellProblems } from '../resources/read-manifests.js';
import { usage } from '../resources/target.js';
import { qualifiedName, shownName } from '../resources/words.js';
import { collect } from './apply.js';

export interface ValidateOptions {
  files: readonly string[];
  recursive: boolean;
  ignoreForeign: boolean;
  format: ReportFormat | 'text';
}

interface ValidateFlags {
  filename: string[];
  recursive: boolean;
  ignoreForeign: boolean;
  output?: string;
}

/** Exit code of CT_MANIFEST_INVALID, for reports that are data and no error. */
const EXIT_INVALID = 7;

export function defineValidate(program: Command, deps: CliDeps, run = runValidate): void {
  const command = program
    .command('validate')
    .description('Check manifests here, without a server')
    .argument('[file...]', 'the same as -f')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--ignore-foreign', 'leave out documents of other programs without a word', false)
    .option('-o, --output <format>', 'text, json, github, sarif or junit');
  addExamples(command, [
    { say: 'One file', run: 'ctask validate -f examples/hello/task.yaml' },
    { say: 'A directory and what is below it', run: 'ctask validate -R -f examples' },
    { say: 'For the comments of a pull request', run: 'ctask validate -R -f examples -o github' },
  ]).action((files: string[], flags: ValidateFlags) => {
    const format = checkFormat(flags.output, ['text', 'json', 'github', 'sarif', 'junit']) ?? 'text';
    return run({ ...flags, files: [...flags.filename, ...files], format }, deps);
  });
}

export async function runValidate(options: ValidateOptions, deps: CliDeps): Promise<void> {
  if (options.files.length === 0) throw usage('must specify -f');
  const { files, recursive, ignoreForeign, format } = options;
  const check = {
    files,
    recursive,
    skipForeign: ignoreForeign,
    dated: true,
    thorough: true,
    generateName: 'Note',
  } as const;
  const checked = await checkManifests(check, deps);
  if (format === 'text') {
    await tellProblems(checked.results, 'the manifests are invalid', deps);
    const lines = checked.documents.map(
      ({ object }) => `${qualifiedName(object.kind, shownName(object.metadata))} valid\n`,
    );
    return deps.out(lines.join(''));
  }
  const validated = await toReport(checked);
  if (validated.problems.some(({ severity }) => severity === 'error')) deps.setExit(EXIT_INVALID);
  await deps.out(validationReport(format, validated, deps.host.version));
}

async function toReport({ files, results, documents }: CheckedManifests): Promise<Validated> {
  const { kindRow } = await import('../heavy/manifests.js');
  return {
    files,
    objects: documents.map(({ file, index, kind, object: { metadata } }) => ({
      file,
      document: index,
      kind,
      ...(kindRow(kind).namespaced ? { namespace: metadata.namespace ?? 'default' } : {}),
      name: shownName(metadata),
    })),
    problems: problemsOf(results),
    total: results.reduce((sum, { total }) => sum + total, 0),
  };
}

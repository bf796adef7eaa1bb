// What both imports do with what they made: all that is wrong is told at once, and then nothing is written.
import { type Command, Option } from 'commander';
import type { Problem } from '../../../manifests/index.js';
import type { CliDeps } from '../../deps.js';
import type { Imported, ImportTarget } from '../../import/imported.js';
import { checkFormat, listOf, renderObject } from '../../output/objects.js';
import { ManifestProblems } from '../../resources/read-manifests.js';
import { usage } from '../../resources/target.js';

export interface ImportFlags {
  cluster?: string;
  prefix?: string;
  skipErrors: boolean;
  output?: string;
  outputDir?: string;
}

export interface ImportResult {
  readonly tasks: readonly Imported[];
  readonly problems: readonly Problem[];
  /** Commands to be given before the tasks are applied. */
  readonly before?: readonly string[];
}

export function addImportFlags(command: Command): Command {
  return command
    .option('--cluster <name>', 'cluster whose agents run the tasks')
    .option('--prefix <text>', 'what the names of the tasks begin with')
    .option('--skip-errors', 'import what can be imported, and leave out the rest', false)
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .addOption(new Option('--output-dir <dir>', 'write a file per task, NAME.yaml, in place of one text'));
}

/** What the flags say about all tasks; a namespace only where one was asked for. */
export async function importTarget({ cluster, prefix }: ImportFlags, deps: CliDeps): Promise<ImportTarget> {
  const { namespace, namespaceGiven } = await deps.settings();
  return {
    ...(namespaceGiven ? { namespace } : {}),
    ...(cluster === undefined ? {} : { cluster }),
    ...(prefix === undefined ? {} : { prefix }),
  };
}

export async function writeImported(
  { tasks, problems, before = [] }: ImportResult,
  { output, outputDir, skipErrors }: ImportFlags,
  deps: CliDeps,
): Promise<void> {
  const format = checkFormat(output, ['yaml', 'json']) ?? 'yaml';
  if (outputDir !== undefined && format === 'json') throw usage('--output-dir writes YAML only');
  const { formatProblem } = await import('../../heavy/manifests.js');
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 && !skipErrors) {
    const end = `error: ${counted(errors.length, 'problem')}, and nothing was written; --skip-errors imports the rest`;
    throw new ManifestProblems([...problems.map(formatProblem), end].join('\n'));
  }
  for (const problem of problems) await deps.say(formatProblem(problem));
  if (errors.length > 0) {
    await deps.say(`Warning: ${counted(errors.length, 'problem')}, ${counted(tasks.length, 'object')} imported`);
  }
  if (tasks.length === 0) return deps.say('No tasks found');
  if (before.length > 0)
    await deps.say(`# before they are applied, where the uploaded files are:\n${before.join('\n')}`);
  if (format === 'json') {
    return deps.out(
      await renderObject(
        listOf(
          tasks.map(({ manifest }) => manifest),
          false,
        ),
        'json',
      ),
    );
  }
  const { manifestsText, writeTaskFiles } = await import('../../import/write-tasks.js');
  if (outputDir === undefined) return deps.out(manifestsText(tasks));
  for (const path of await writeTaskFiles(tasks, outputDir)) await deps.out(`${path}\n`);
}

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

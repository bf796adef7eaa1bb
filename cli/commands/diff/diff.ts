// ctask diff: what an apply would change, asked of the center. Exit code 0 for nothing, 1 for differences, more for trouble.
import type { Command } from 'commander';
import { GROUP_PATH, resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { wantsColour } from '../../output/colour.js';
import { checkFormat } from '../../output/objects.js';
import { reportError } from '../../report-error.js';
import type { ApiObject } from '../../resources/api-object.js';
import { placeCauses } from '../../resources/place-causes.js';
import { readManifests } from '../../resources/read-manifests.js';
import { taskNames, usage } from '../../resources/target.js';
import { API_VERSION } from '../../resources/words.js';
import { collect, FIELD_MANAGER } from '../apply.js';
import { type Plan, type SetFlags, type SetOptions, setFields, setOptions, somethingToDo } from '../apply-set.js';
import { type Comparison, compareResults, type DryRunResult, fieldChanges } from './compare.js';
import { markdown, unifiedText } from './text.js';

export interface DiffOptions {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly set: SetOptions;
  readonly showManagedFields: boolean;
  /** As `apply` would have them. */
  readonly fieldManager: string;
  readonly force: boolean;
  /** Of differences. */
  readonly exitCode: number;
  /** Revisions of a task to compare, instead of files; `to` absent for the task as it is. */
  readonly revisions?: { readonly task: string; readonly from: number; readonly to?: number };
  readonly output?: 'text' | 'json' | 'markdown' | 'plan';
}

interface DiffFlags extends SetFlags {
  filename: string[];
  recursive: boolean;
  showManagedFields: boolean;
  diffExitCode: string;
  revision?: string;
  fieldManager: string;
  forceConflicts: boolean;
  output?: string;
}

/** What could not be compared must not look like a difference. */
const EXIT_TROUBLE = 2;
const EXIT_MAX = 255;

export function defineDiff(program: Command, deps: CliDeps, run = runDiff): void {
  const command = program
    .command('diff')
    .description('Show what apply would change; exit code 0: nothing, 1: something, more: it cannot be told')
    .argument('[task...]', 'task/NAME, with --revision')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--applyset <name>', 'the set that these objects are all members of')
    .option('--prune', 'show what the set would lose, too', false)
    .option('--allow-empty', 'show that even if nothing is left of the set', false)
    .option('--revision <n..m>', 'compare two revisions of a task; one alone with the task as it is')
    .option('--show-managed-fields', 'show who owns which field, too', false)
    .option('--diff-exit-code <n>', 'what to end with when there are differences', '1')
    .option('--field-manager <name>', 'who would own the fields that the manifests say', FIELD_MANAGER)
    .option('--force-conflicts', 'as if fields of other managers were taken', false)
    .option('--server-side', 'always so; accepted for the habit')
    .option('-o, --output <format>', 'text, json, markdown, or plan for apply --plan', 'text');
  addExamples(command, [
    { say: 'One file', run: 'ctask diff -f examples/hello/task.yaml' },
    { say: 'A set, with what it would lose', run: 'ctask diff --applyset demo --prune -R -f examples' },
    { say: 'Two revisions', run: 'ctask diff task/hello --revision 1..2' },
  ]).action((words: string[], flags: DiffFlags) => run(diffOptions(words, flags), deps));
}

function diffOptions(words: readonly string[], flags: DiffFlags): DiffOptions {
  const { filename, recursive, showManagedFields, diffExitCode, revision, fieldManager } = flags;
  const output = checkFormat(flags.output, ['text', 'json', 'markdown', 'plan']);
  if (!/^\d{1,3}$/.test(diffExitCode) || Number(diffExitCode) > EXIT_MAX) {
    throw usage(`--diff-exit-code "${diffExitCode}" is not a number from 0 to ${EXIT_MAX}`);
  }
  if (revision === undefined && words.length > 0) throw usage('a task goes with --revision; files go with -f');
  if (revision === undefined && filename.length === 0) throw usage('must specify -f', "see 'ctask diff -h'");
  if (revision !== undefined && (filename.length > 0 || output === 'plan')) {
    throw usage('--revision compares what was; it cannot be given together with -f or -o plan');
  }
  return {
    ...{ filename, recursive, showManagedFields, exitCode: Number(diffExitCode), set: setOptions(flags) },
    ...{ fieldManager, force: flags.forceConflicts },
    ...(revision === undefined ? {} : { revisions: revisionRange(words, revision) }),
    ...(output === undefined ? {} : { output }),
  };
}

function revisionRange(words: readonly string[], text: string): NonNullable<DiffOptions['revisions']> {
  const [task, ...more] = taskNames(words);
  if (task === undefined || more.length > 0) throw usage('--revision compares revisions of one task: give task/NAME');
  const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text);
  if (match === null) throw usage(`--revision "${text}" is neither N nor N..M`);
  return { task, from: Number(match[1]), ...(match[2] === undefined ? {} : { to: Number(match[2]) }) };
}

export async function runDiff(options: DiffOptions, deps: CliDeps): Promise<void> {
  try {
    const exit = await compare(options, deps);
    if (exit !== 0) deps.setExit(exit);
  } catch (error) {
    const { text, exit } = reportError(error, { json: options.output === 'json' });
    if (exit !== 1) throw error;
    await deps.host.stderr.write(text);
    deps.setExit(EXIT_TROUBLE);
  }
}

async function compare(options: DiffOptions, deps: CliDeps): Promise<number> {
  const asked = await (options.revisions === undefined ? dryRun(options, deps) : ofRevisions(options.revisions, deps));
  if (asked === undefined) return EXIT_TROUBLE;
  const comparison = compareResults(asked.results, options.showManagedFields);
  const external = deps.host.env.CTASK_EXTERNAL_DIFF;
  if (external && (options.output ?? 'text') === 'text' && comparison.differences.length > 0) {
    const { externalDiff } = await import('./external.js');
    const exit = await externalDiff(external, comparison, deps);
    return exit === 1 ? options.exitCode : exit;
  }
  await deps.out(await render(comparison, asked, options, deps));
  return comparison.differences.length > 0 ? options.exitCode : 0;
}

/** What was sent, and what it would come to: first the objects sent, in their order, then what a set would lose. */
interface Asked {
  readonly sent: readonly object[];
  readonly results: readonly DryRunResult[];
}

/** Undefined when there is nothing to compare, which has been said. */
async function dryRun(options: DiffOptions, deps: CliDeps): Promise<Asked | undefined> {
  const documents = await readManifests(options.filename, options.recursive, 'nothing was compared', deps);
  if (!(await somethingToDo('diff', documents.length, options, options.set, deps))) return undefined;
  const sent = documents.map(({ given }) => given);
  const body = {
    objects: sent,
    dryRun: true,
    fieldManager: options.fieldManager,
    force: options.force,
    ...setFields(options.set),
  };
  try {
    const api = await deps.api();
    return { sent, ...(await api.send<Pick<Asked, 'results'>>('POST', `${GROUP_PATH}/apply`, { body })) };
  } catch (error) {
    throw placeCauses(error, documents);
  }
}

async function ofRevisions({ task, from, to }: NonNullable<DiffOptions['revisions']>, deps: CliDeps): Promise<Asked> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const at = (revision: number) =>
    api.get<ApiObject>(`${resourcePath('tasks', namespace, task, 'revisions')}/${revision}`);
  const previous = await at(from);
  const object = await (to === undefined ? api.get<ApiObject>(resourcePath('tasks', namespace, task)) : at(to));
  return { sent: [], results: [{ operation: 'configured', object, previous }] };
}

async function render(
  comparison: Comparison,
  asked: Asked,
  { output = 'text', set }: DiffOptions,
  deps: CliDeps,
): Promise<string> {
  const now = deps.clock.now();
  switch (output) {
    case 'json':
      return `${JSON.stringify(listOfChanges(comparison), undefined, 2)}\n`;
    case 'markdown':
      return markdown(comparison, now);
    case 'plan':
      return `${JSON.stringify(planOf(comparison, asked, set), undefined, 2)}\n`;
    case 'text':
      return unifiedText(comparison, now, wantsColour(deps.host.stdout, deps.host.env, deps.globals.color));
  }
}

function listOfChanges({ differences, summary }: Comparison): object {
  const changes = differences.map(({ live, merged, uid: _, ...subject }) => ({
    ...subject,
    ...(live === undefined || merged === undefined ? {} : { fields: fieldChanges(live, merged) }),
  }));
  return { changes, summary };
}

/** The manifests as they are, each bound to the version of the object that was compared. */
function planOf({ summary }: Comparison, { sent, results }: Asked, { applyset, prune }: SetOptions): Plan {
  const objects = sent.map((manifest, index) => {
    const { metadata } = manifest as { metadata: object };
    return { ...manifest, metadata: { ...metadata, resourceVersion: versionBefore(results[index]!) } };
  });
  const prunes = results.slice(sent.length).map((result) => {
    const { kind, metadata } = result.object;
    const { name, namespace } = metadata;
    return { kind, ...(namespace === undefined ? {} : { namespace }), name, resourceVersion: versionBefore(result) };
  });
  const set = applyset === undefined ? {} : { applyset, prune };
  return { apiVersion: API_VERSION, kind: 'Plan', ...set, summary, objects, prunes };
}

/** '' for an object that must not exist. */
function versionBefore({ operation, object, previous }: DryRunResult): string {
  return operation === 'created' ? '' : (previous ?? object).metadata.resourceVersion;
}

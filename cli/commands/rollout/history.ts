import type { Command } from 'commander';
import { formatAge } from '../../../base/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskNames, usage } from '../../resources/target.js';
import { qualifiedName } from '../../resources/words.js';

export interface HistoryOptions {
  readonly tasks: readonly string[];
  readonly revision?: number;
  readonly headers: boolean;
  readonly output?: 'json' | 'yaml';
}

export interface HistoryFlags {
  revision?: string;
  headers: boolean;
  output?: string;
}

/** As the API sends it. */
export interface Revision {
  readonly revision: number;
  readonly time?: string;
  readonly author?: string;
  readonly cause?: string;
}

export function addHistoryOptions(command: Command): Command {
  return command
    .argument('<task...>', 'NAME or task/NAME; or package/NAME')
    .option('--revision <n>', 'the task as it was at this revision')
    .option('--no-headers', 'leave out the header line')
    .option('-o, --output <format>', 'yaml or json');
}

export function historyOptions(words: readonly string[], { revision, headers, output }: HistoryFlags): HistoryOptions {
  const format = checkFormat(output, ['json', 'yaml']);
  return {
    ...{ tasks: taskNames(words), headers },
    ...(revision === undefined ? {} : { revision: revisionNumber(revision, '--revision', 1) }),
    ...(format === undefined ? {} : { output: format }),
  };
}

export function revisionNumber(text: string, flag: string, min: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < min) throw usage(`${flag} "${text}" is no revision`);
  return Number(text);
}

export async function runHistory(options: HistoryOptions, deps: CliDeps): Promise<void> {
  for (const [index, task] of options.tasks.entries()) {
    if (index > 0 && options.output === undefined) await deps.out('\n');
    if (options.output === 'yaml' && index > 0) await deps.out('---\n');
    await (options.revision === undefined ? all(task, options, deps) : one(task, options.revision, options, deps));
  }
}

async function all(task: string, options: HistoryOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const api = await deps.api();
  const list = await api.get<{ items: Revision[] }>(resourcePath('tasks', namespace, task, 'revisions'));
  if (options.output !== undefined) return deps.out(await renderObject(list, options.output));
  if (options.tasks.length > 1) await deps.out(`${qualifiedName('Task', task)}\n`);
  const table = new Table({ headers: ['REVISION', 'CHANGE-CAUSE', 'AUTHOR', 'AGE'], noHeaders: !options.headers });
  const now = deps.clock.now();
  const rows = [...list.items]
    .reverse()
    .map(({ revision, cause, author, time }) => [
      String(revision),
      cause ?? '<none>',
      author ?? '<unknown>',
      time === undefined ? '<unknown>' : formatAge(now - Date.parse(time)),
    ]);
  await deps.out(table.render(rows));
}

async function one(task: string, revision: number, options: HistoryOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const path = `${resourcePath('tasks', namespace, task, 'revisions')}/${revision}`;
  const object = await (await deps.api()).get<ApiObject>(path);
  if (options.output !== undefined) return deps.out(await renderObject(object, options.output));
  const { toYaml } = await import('../../heavy/yaml.js');
  const spec = toYaml(object.spec).replace(/^(?=.)/gm, '  ');
  await deps.out(`${qualifiedName('Task', task)} with revision #${revision}\nSpec:\n${spec}`);
}

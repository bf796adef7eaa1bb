// ctask explain: what the fields of a kind mean. From the schema in this program; asks no server.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { explanation } from '../output/explanation.js';
import { usage } from '../resources/target.js';
import { API_GROUP, API_VERSION } from '../resources/words.js';
import { kindNamed } from './schema.js';

export interface ExplainOptions {
  recursive: boolean;
  apiVersion: string;
}

export function defineExplain(program: Command, deps: CliDeps, run = runExplain): void {
  const command = program
    .command('explain')
    .description('Show what the fields of a kind mean; asks no server')
    .argument('<path>', 'TYPE or TYPE.field.field, e.g. task.spec.schedules')
    .option('--recursive', 'all fields below, without their descriptions', false)
    .option('--api-version <version>', 'version of the API', API_VERSION);
  addExamples(command, [
    { say: 'A task', run: 'ctask explain task' },
    { say: 'One field', run: 'ctask explain task.spec.concurrencyPolicy' },
    { say: 'Everything about schedules', run: 'ctask explain task.spec.schedules --recursive' },
  ]).action((path: string, options: ExplainOptions) => run(path, options, deps));
}

export async function runExplain(path: string, options: ExplainOptions, deps: CliDeps): Promise<void> {
  if (options.apiVersion !== API_VERSION) {
    throw usage(`couldn't find resource for "${options.apiVersion}"`, `the version served is ${API_VERSION}`);
  }
  // An index or [*] means an entry of a list, whose fields are the same.
  const [type = '', ...words] = path
    .replace(/\[(\*|-?\d*)\]/g, '')
    .replace(new RegExp(`^(\\w+)\\.${API_GROUP.replace('.', '\\.')}(?=\\.|$)`), '$1')
    .split('.');
  const kind = await kindNamed(type);
  const { findField } = await import('../heavy/manifests.js');
  const found = findField(kind, words);
  if ('missing' in found) throw usage(`field "${found.missing}" does not exist${found.suggestion}`);
  const version = API_VERSION.slice(API_GROUP.length + 1);
  await deps.out(explanation({ group: API_GROUP, version, kind, field: found.field }, options.recursive));
}

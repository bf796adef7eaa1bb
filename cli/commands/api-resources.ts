// ctask api-resources: the kinds the server offers, from its discovery.
import type { Command } from 'commander';
import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat } from '../output/objects.js';
import { Table } from '../output/table.js';
import { API_GROUP } from '../resources/words.js';

export interface ApiResourcesOptions {
  output?: string;
  headers: boolean;
  namespaced?: string;
}

export function defineApiResources(program: Command, deps: CliDeps, run = runApiResources): void {
  const command = program
    .command('api-resources')
    .description('Show the kinds of objects that the server knows')
    .option('-o, --output <format>', 'wide or name')
    .option('--no-headers', 'leave out the header line')
    .option('--namespaced <true|false>', 'only kinds that live in namespaces, or only others');
  addExamples(command, [
    { say: 'All kinds with their short names', run: 'ctask api-resources' },
    { say: 'With verbs and categories', run: 'ctask api-resources -o wide' },
  ]).action((options: ApiResourcesOptions) => run(options, deps));
}

export async function runApiResources(options: ApiResourcesOptions, deps: CliDeps): Promise<void> {
  const format = checkFormat(options.output, ['wide', 'name']);
  const resources = (await (await deps.discovery()).refresh()).filter(
    ({ namespaced }) => options.namespaced === undefined || String(namespaced) === options.namespaced,
  );
  if (format === 'name') return deps.out(resources.map(({ name }) => `${name}.${API_GROUP}\n`).join(''));
  const wide = format === 'wide';
  const headers = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
  const table = new Table({ headers, noHeaders: !options.headers });
  const rows = resources.map((row) => [
    row.name,
    row.shortNames?.join(',') ?? '',
    GROUP_PATH.slice('/apis/'.length),
    String(row.namespaced),
    row.kind,
    ...(wide ? [row.verbs.join(','), row.categories?.join(',') ?? ''] : []),
  ]);
  await deps.out(table.render(rows));
}

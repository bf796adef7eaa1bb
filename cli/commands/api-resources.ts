// ctask api-resources: the kinds the server offers, from its discovery.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { Resource } from '../client/discovery.js';
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
  verbs?: string;
  apiGroup?: string;
  sortBy?: string;
}

export function defineApiResources(program: Command, deps: CliDeps, run = runApiResources): void {
  const command = program
    .command('api-resources')
    .description('Show the kinds of objects that the server knows')
    .option('-o, --output <format>', 'wide or name')
    .option('--no-headers', 'leave out the header line')
    .option('--namespaced <true|false>', 'only kinds that live in namespaces, or only others')
    .option('--verbs <verbs>', 'only kinds that know all of these, e.g. list,watch')
    .option('--api-group <group>', 'only kinds of this group')
    .option('--sort-by <name|kind>', 'order; that of the server unless given');
  addExamples(command, [
    { say: 'All kinds with their short names', run: 'ctask api-resources' },
    { say: 'With verbs and categories', run: 'ctask api-resources -o wide' },
  ]).action((options: ApiResourcesOptions) => run(options, deps));
}

export async function runApiResources(options: ApiResourcesOptions, deps: CliDeps): Promise<void> {
  const format = checkFormat(options.output, ['wide', 'name']);
  const resources = chosen(await (await deps.discovery()).refresh(), options);
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

/** Throws CT_USAGE. */
function chosen(resources: readonly Resource[], options: ApiResourcesOptions): Resource[] {
  const { namespaced, verbs, apiGroup, sortBy } = options;
  if (sortBy !== undefined && sortBy !== 'name' && sortBy !== 'kind') {
    throw new CloudTaskError('CT_USAGE', `--sort-by "${sortBy}" is neither name nor kind`);
  }
  const wanted = verbs?.split(',') ?? [];
  const found = resources.filter(
    (resource) =>
      (namespaced === undefined || String(resource.namespaced) === namespaced) &&
      (apiGroup === undefined || apiGroup === API_GROUP) &&
      wanted.every((verb) => resource.verbs.includes(verb)),
  );
  return sortBy === undefined ? found : found.sort((a, b) => (a[sortBy] < b[sortBy] ? -1 : 1));
}

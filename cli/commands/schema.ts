// ctask schema: the schema of manifests, for editors and other people's validators (rows ).
import type { Command } from 'commander';
import type { KindName } from '../../manifests/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { closest } from '../output/suggest.js';
import { rewriteFile } from '../resources/rewrite-file.js';
import { usage } from '../resources/target.js';

export interface SchemaOptions {
  modeline?: string;
  location?: string;
}

export function defineSchema(program: Command, deps: CliDeps, run = runSchema): void {
  const command = program
    .command('schema')
    .description('Print the JSON Schema (draft-07) of manifests; asks no server')
    .argument('[kind]', 'only of this kind; of all kinds together unless given')
    .option('--modeline <file>', 'write into this manifest, as its first line, which schema editors should use')
    .option('--location <url>', 'where editors find the schema: an address, or a path from the manifest');
  addExamples(command, [
    { say: 'For an editor', run: 'ctask schema > ctask.schema.json' },
    { say: 'Of one kind', run: 'ctask schema task' },
  ]).action((kind: string | undefined, options: SchemaOptions) => run(kind, options, deps));
}

export async function runSchema(name: string | undefined, options: SchemaOptions, deps: CliDeps): Promise<void> {
  if (options.modeline !== undefined) {
    if (name !== undefined) throw usage('a modeline names the schema of all kinds; leave out the kind');
    return addModeline(options.modeline, options.location, deps);
  }
  if (options.location !== undefined) throw usage('--location goes with --modeline only');
  const kind = name === undefined ? undefined : await kindNamed(name);
  const { jsonSchema } = await import('../heavy/manifests.js');
  await deps.out(`${JSON.stringify(jsonSchema(kind), undefined, 2)}\n`);
}

/** The kind of that name, plural or short name. Throws CT_USAGE with a suggestion. */
export async function kindNamed(name: string): Promise<KindName> {
  const { findKind, kinds } = await import('../heavy/manifests.js');
  const row = findKind(name);
  if (row !== undefined) return row.kind;
  const near = closest(
    name,
    kinds.flatMap(({ plural, singular, shortNames }) => [singular, plural, ...shortNames]),
  );
  const hint = near === undefined ? "run 'ctask api-resources' for a complete list" : `Did you mean this?\n\t${near}`;
  throw usage(`couldn't find resource for "${name}"`, hint);
}

const MODELINE = /^# yaml-language-server: \$schema=.*(\r?\n|$)/;

/** The line as editors read it (row A-51). */
export function modeline(location: string): string {
  return `# yaml-language-server: $schema=${location}\n`;
}

async function addModeline(file: string, location: string | undefined, deps: CliDeps): Promise<void> {
  const { JSON_SCHEMA_ID } = await import('../heavy/manifests.js');
  const line = modeline(location ?? JSON_SCHEMA_ID);
  const changed = await rewriteFile(file, (text) => line + text.replace(MODELINE, ''));
  await deps.out(`${file} ${changed ? 'configured' : 'unchanged'}\n`);
}

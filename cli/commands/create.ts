// ctask create: from files, refusing what exists; or a task or namespace from the command line.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { usage } from '../resources/target.js';
import { qualifiedName, resultLine } from '../resources/words.js';
import { defineCreateToken } from './access/create-token.js';
import { defineAccess } from './access/define-access.js';
import { type ApplyFlags, applyOptions, collect, FIELD_MANAGER, runApply } from './apply.js';
import { checkObject } from './check-object.js';
import { defineCalendar } from './create-calendar.js';
import { type CreateOptions, defineGenerators } from './create-generators.js';
import { defineSecret } from './create-secret.js';
import { modeline } from './schema.js';

export function defineCreate(program: Command, deps: CliDeps, run = runCreate): void {
  const create = program
    .command('create')
    .description('Create objects that do not exist yet')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--dry-run [mode]', 'client, server or none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(create, [
    { say: 'From a file', run: 'ctask create -f examples/hello/task.yaml' },
    { say: 'A task', run: "ctask create task tick --schedule '*/5 * * * *' -- date" },
    {
      say: 'A manifest to start from',
      run: "ctask create task tick --schedule '@daily' --dry-run=client -o yaml -- date",
    },
  ]).action((flags: ApplyFlags) => runApply({ ...applyOptions(flags, deps, 'create'), create: true }, deps));
  defineGenerators(create, deps, run);
  defineSecret(create, deps, run);
  defineAccess(create, deps, run);
  defineCreateToken(create, deps);
  defineCalendar(create, deps, run);
}

/** Of the kinds that have a generator. */
const NAMESPACED = ['Task', 'Secret', 'Calendar', 'RoleBinding'];

export async function runCreate(options: CreateOptions, deps: CliDeps): Promise<void> {
  const { manifest, kind, name, dryRun, output } = options;
  const object = NAMESPACED.includes(kind) ? await inNamespace(manifest, deps) : manifest;
  if (options.modeline && output !== 'yaml') throw usage('--modeline goes with -o yaml only');
  if (dryRun === 'client') await checkObject(object, kind, name);
  const stored = dryRun === 'client' ? (object as ApiObject) : await send(object, dryRun === 'server', deps);
  if (options.modeline) await deps.out(await schemaLine());
  if (output === 'json' || output === 'yaml') return deps.out(await renderObject(stored, output));
  if (output === 'name') return deps.out(`${qualifiedName(kind, name)}\n`);
  await deps.out(resultLine(kind, name, 'created', dryRun));
}

async function schemaLine(): Promise<string> {
  const { JSON_SCHEMA_ID } = await import('../heavy/manifests.js');
  return modeline(JSON_SCHEMA_ID);
}

async function inNamespace(manifest: object, deps: CliDeps): Promise<object> {
  const { namespace } = await deps.settings();
  const { metadata, ...rest } = manifest as { metadata: object };
  return { ...rest, metadata: { ...metadata, namespace } };
}

async function send(object: object, dryRun: boolean, deps: CliDeps): Promise<ApiObject> {
  const body = { objects: [object], create: true, fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun } : {}) };
  const api = await deps.api();
  const { results } = await api.send<{ results: { object: ApiObject }[] }>('POST', `${GROUP_PATH}/apply`, { body });
  const [result] = results;
  if (result === undefined) throw new CloudTaskError('CT_INTERNAL', 'the server answered without a result');
  return result.object;
}

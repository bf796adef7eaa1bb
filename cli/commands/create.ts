// ctask create: from files, refusing what exists; or a task or namespace from the command line.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';

import { GROUP_PATH } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { checkFormat, renderObject } from '../output/objects.js';
import type { ApiObject } from '../resources/api-object.js';
import { parseEnvironment } from '../resources/environment.js';
import { API_VERSION, type DryRun, qualifiedName, resultLine } from '../resources/words.js';
import { type ApplyFlags, applyOptions, collect, dryRunMode, runApply } from './apply.js';

export interface CreateOptions {
  manifest: object;
  kind: string;
  name: string;
  dryRun: DryRun;
  output?: 'name' | 'json' | 'yaml';
}

interface TaskFlags {
  schedule: string[];
  timezone?: string;
  env: string[];
  cluster?: string;
  dryRun: string | boolean;
  output?: string;
}

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
  ]).action((flags: ApplyFlags) => runApply({ ...applyOptions(flags), create: true }, deps));
  const task = create
    .command('task')
    .description('Create a task')
    .argument('<name>')
    .argument('[command...]', 'program and arguments, after --')
    .option('--schedule <cron>', 'cron expression; may be repeated; without one it runs on demand', collect, [])
    .option('--timezone <zone>', 'IANA time zone')
    .option('--env <name=value>', 'environment variable; may be repeated', collect, [])
    .option('--cluster <name>', 'cluster whose agents run it');
  addExamples(task, [
    { say: 'Every five minutes', run: "ctask create task tick --schedule '*/5 * * * *' -- date" },
    { say: 'On demand only', run: 'ctask create task once -- echo hi' },
  ]).action((name: string, command: string[], _flags, self: Command) => {
    const flags = self.optsWithGlobals<TaskFlags>();
    return run(toCreate('Task', name, { spec: taskSpec(flags, command) }, flags), deps);
  });
  const namespace = create.command('namespace').alias('ns').description('Create a namespace').argument('<name>');
  addExamples(namespace, [
    { say: 'A namespace', run: 'ctask create namespace billing' },
    { say: 'Its manifest', run: 'ctask create namespace billing --dry-run=client -o yaml' },
  ]).action((name: string, _flags, self: Command) =>
    run(toCreate('Namespace', name, { spec: {} }, self.optsWithGlobals<TaskFlags>()), deps),
  );
}

function toCreate(
  kind: string,
  name: string,
  rest: object,
  flags: Pick<TaskFlags, 'dryRun' | 'output'>,
): CreateOptions {
  const output = checkFormat(flags.output, ['name', 'json', 'yaml']);
  const manifest = { apiVersion: API_VERSION, kind, metadata: { name }, ...rest };
  return { manifest, kind, name, dryRun: dryRunMode(flags.dryRun), ...(output === undefined ? {} : { output }) };
}

function taskSpec(flags: TaskFlags, command: readonly string[]): object {
  if (command.length === 0) throw new CloudTaskError('CT_USAGE', 'a command is needed after --');
  const env = parseEnvironment(flags.env);
  const schedules = flags.schedule.map((cron, index) =>
    index === 0 ? { cron } : { name: `schedule-${index + 1}`, cron },
  );
  return {
    ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
    ...(flags.timezone === undefined ? {} : { timeZone: flags.timezone }),
    ...(schedules.length === 0 ? {} : { schedules }),
    run: { command, ...(env.length === 0 ? {} : { env }) },
  };
}

export async function runCreate(options: CreateOptions, deps: CliDeps): Promise<void> {
  const { manifest, kind, name, dryRun, output } = options;
  const object = kind === 'Task' ? await inNamespace(manifest, deps) : manifest;
  const stored = dryRun === 'client' ? (object as ApiObject) : await send(object, dryRun === 'server', deps);
  if (output === 'json' || output === 'yaml') return deps.out(await renderObject(stored, output));
  if (output === 'name') return deps.out(`${qualifiedName(kind, name)}\n`);
  await deps.out(resultLine(kind, name, 'created', dryRun));
}

async function inNamespace(manifest: object, deps: CliDeps): Promise<object> {
  const { namespace } = await deps.settings();
  const { metadata, ...rest } = manifest as { metadata: object };
  return { ...rest, metadata: { ...metadata, namespace } };
}

async function send(object: object, dryRun: boolean, deps: CliDeps): Promise<ApiObject> {
  const body = { objects: [object], create: true, ...(dryRun ? { dryRun } : {}) };
  const api = await deps.api();
  const { results } = await api.send<{ results: { object: ApiObject }[] }>('POST', `${GROUP_PATH}/apply`, { body });
  const [result] = results;
  if (result === undefined) throw new CloudTaskError('CT_INTERNAL', 'the server answered without a result');
  return result.object;
}

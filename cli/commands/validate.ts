// ctask validate: checks manifests without a server.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { readManifests } from '../resources/read-manifests.js';
import { usage } from '../resources/target.js';
import { qualifiedName } from '../resources/words.js';
import { collect } from './apply.js';

export interface ValidateOptions {
  filename: string[];
  recursive: boolean;
}

export function defineValidate(program: Command, deps: CliDeps, run = runValidate): void {
  const command = program
    .command('validate')
    .description('Check manifests here, without a server')
    .option('-f, --filename <file>', 'file, directory, URL or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false);
  addExamples(command, [
    { say: 'One file', run: 'ctask validate -f examples/hello/task.yaml' },
    { say: 'A directory and what is below it', run: 'ctask validate -R -f examples' },
  ]).action((options: ValidateOptions) => run(options, deps));
}

export async function runValidate(options: ValidateOptions, deps: CliDeps): Promise<void> {
  if (options.filename.length === 0) throw usage('must specify -f');
  const documents = await readManifests(options.filename, options.recursive, 'the manifests are invalid', deps);
  const lines = documents.map(({ object }) => `${qualifiedName(object.kind, object.metadata.name)} valid\n`);
  await deps.out(lines.join(''));
}

// ctask config: the file that says where the centers are.
import type { Command } from 'commander';
import { configPaths, readConfig } from '../../client/config-file.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import { usage } from '../../resources/target.js';
import { defineConfigChanges } from './changes.js';
import { defineConfigEntries } from './entries.js';
import { redacted } from './view.js';

export function defineConfig(program: Command, deps: CliDeps): void {
  const config = program.command('config').description('Show and change which centers this program talks to');
  addExamples(config, [
    { say: 'Which contexts there are', run: 'ctask config get-contexts' },
    { say: 'Use another one', run: 'ctask config use-context local' },
  ]);
  const view = config
    .command('view')
    .description('Show the configuration; tokens are hidden')
    .option('--raw', 'show tokens too', false)
    .option('--minify', 'only what the current context uses', false)
    .option('-o, --output <format>', 'yaml or json', 'yaml');
  addExamples(view, [
    { say: 'The whole configuration', run: 'ctask config view' },
    { say: 'Only what is in use', run: 'ctask config view --minify -o json' },
  ]).action((options: ViewOptions) => runView(options, deps));
  const contexts = config
    .command('get-contexts')
    .description('Show the contexts')
    .argument('[name...]', 'only these')
    .option('--no-headers', 'leave out the header line')
    .option('-o, --output <format>', 'name');
  addExamples(contexts, [
    { say: 'All contexts', run: 'ctask config get-contexts' },
    { say: 'Their names only', run: 'ctask config get-contexts -o name' },
  ]).action((names: string[], options: ContextsOptions) => runGetContexts(names, options, deps));
  const current = config.command('current-context').description('Show the name of the context in use');
  addExamples(current, [
    { say: 'Its name', run: 'ctask config current-context' },
    { say: 'Of another file', run: 'ctask config current-context --config other.yaml' },
  ]).action(() => runCurrentContext(deps));
  defineConfigChanges(config, deps);
  defineConfigEntries(config, deps);
}

interface ViewOptions {
  raw: boolean;
  minify: boolean;
  output: string;
}

interface ContextsOptions {
  headers: boolean;
  output?: string;
}

export function load(deps: CliDeps) {
  return readConfig(configPaths(deps.host, deps.globals.config));
}

async function runView(options: ViewOptions, deps: CliDeps): Promise<void> {
  const format = checkFormat(options.output, ['yaml', 'json']) ?? 'yaml';
  const merged = await load(deps);
  const current = deps.globals.context ?? merged.currentContext;
  if (options.minify && !merged.contexts.some(({ name }) => name === current)) {
    throw usage('--minify shows what the current context uses, and there is none', "see 'ctask config get-contexts'");
  }
  await deps.out(await renderObject(redacted(merged, { ...options, current }), format));
}

async function runGetContexts(names: readonly string[], options: ContextsOptions, deps: CliDeps): Promise<void> {
  const format = checkFormat(options.output, ['name']);
  const merged = await load(deps);
  const missing = names.find((name) => !merged.contexts.some((context) => context.name === name));
  if (missing !== undefined) throw usage(`context "${missing}" does not exist`);
  const contexts = merged.contexts.filter(({ name }) => names.length === 0 || names.includes(name));
  if (format === 'name') return deps.out(contexts.map(({ name }) => `${name}\n`).join(''));
  if (contexts.length === 0) return deps.say('No contexts found');
  const table = new Table({ headers: ['CURRENT', 'NAME', 'SERVER', 'USER', 'NAMESPACE'], noHeaders: !options.headers });
  const rows = contexts.map(({ name, value }) => [
    name === merged.currentContext ? '*' : '',
    name,
    value.server,
    value.user ?? '',
    value.namespace ?? '',
  ]);
  await deps.out(table.render(rows));
}

async function runCurrentContext(deps: CliDeps): Promise<void> {
  const { currentContext } = await load(deps);
  if (currentContext === undefined) throw usage('current-context is not set', "see 'ctask config get-contexts'");
  await deps.out(`${currentContext}\n`);
}

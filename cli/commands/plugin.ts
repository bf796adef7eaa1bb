// ctask plugin: programs on PATH that add commands.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { findCommand } from '../find-command.js';

export function definePlugin(program: Command, deps: CliDeps): void {
  const plugin = program.command('plugin').description('Commands that programs on PATH called ctask-NAME add');
  addExamples(plugin, [
    { say: 'Which there are', run: 'ctask plugin list' },
    { say: 'Their names only', run: 'ctask plugin list --name-only' },
  ]);
  const list = plugin
    .command('list')
    .description('List the plugins on PATH, and which of them would not run')
    .option('--name-only', 'names without their directories', false);
  addExamples(list, [
    { say: 'With their directories', run: 'ctask plugin list' },
    { say: 'Their names only', run: 'ctask plugin list --name-only' },
  ]).action((options: { nameOnly: boolean }) => runPluginList(program, options, deps));
}

/** `program` with all its commands: those win over plugins of their names. */
export async function runPluginList(
  program: Command,
  { nameOnly }: { nameOnly: boolean },
  deps: CliDeps,
): Promise<void> {
  const { listPlugins } = await import('../plugins/find-plugins.js');
  const plugins = listPlugins(deps.host, (verb) => findCommand(program, [verb]) !== undefined);
  if (plugins.length === 0) {
    deps.setExit(1);
    return deps.say('error: unable to find any ctask plugins in your PATH');
  }
  if (!nameOnly) await deps.out('The following compatible plugins are available:\n\n');
  for (const { file, name, warnings } of plugins) {
    await deps.out(`${nameOnly ? name : file}\n`);
    for (const warning of warnings) await deps.say(`  - warning: ${warning}`);
  }
  const count = plugins.reduce((sum, { warnings }) => sum + warnings.length, 0);
  if (count === 0) return;
  throw new CloudTaskError('CT_USAGE', `${count} plugin ${count === 1 ? 'warning was' : 'warnings were'} found`);
}

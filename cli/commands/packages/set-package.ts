// ctask set package: tasks get another version of their package, all of them at once.
import type { Command } from 'commander';
import type { Package } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { taskNames, usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { dryRunMode } from '../apply.js';
import { chosenVersion, type VersionFlags, versionFlags } from './choose-version.js';

interface SetPackageFlags extends VersionFlags {
  selector?: string;
  all: boolean;
  dryRun: string | boolean;
}

interface SwitchReply {
  readonly digest: string;
  readonly results: readonly { readonly name: string; readonly operation: string }[];
}

export function defineSetPackage(set: Command, deps: CliDeps): void {
  const command = versionFlags(set.command('package').alias('pkg'))
    .description(
      'Switch tasks to the current version of their package, or to the one that is given: all of them or none',
    )
    .argument('<package>', 'name of the package')
    .argument('[task...]', 'NAME or task/NAME')
    .option('-l, --selector <labels>', 'all tasks with these labels that use the package')
    .option('--all', 'all tasks that use the package', false)
    .option('--dry-run [mode]', 'client or server: change nothing', 'none');
  addExamples(command, [
    { say: 'All of them', run: 'ctask set package tool --all' },
    { say: 'What would be switched', run: 'ctask set package tool --revision 1 --all --dry-run=server' },
  ]).action((name: string, tasks: string[], flags: SetPackageFlags) => setPackage(name, tasks, flags, deps));
}

async function setPackage(
  name: string,
  words: readonly string[],
  flags: SetPackageFlags,
  deps: CliDeps,
): Promise<void> {
  const ways = [words.length > 0, flags.selector !== undefined, flags.all].filter(Boolean).length;
  if (ways !== 1) throw usage('say which tasks: their names, or --selector, or --all');
  const dryRun = dryRunMode(flags.dryRun);
  const { namespace } = await deps.settings();
  const api = await deps.api();
  const object = await api.get<Package>(resourcePath('packages', namespace, name));
  const version = chosenVersion(object, flags);
  const { results, digest } = await api.send<SwitchReply>('POST', resourcePath('packages', namespace, name, 'switch'), {
    body: {
      ...(version === undefined ? {} : { digest: version.digest }),
      ...(words.length > 0 ? { tasks: taskNames(words) } : {}),
      ...(flags.selector === undefined ? {} : { labelSelector: flags.selector }),
      ...(flags.all ? { all: true } : {}),
    },
    ...(dryRun === 'none' ? {} : { query: { dryRun: 'All' } }),
  });
  if (results.length === 0) return deps.say(`No task in namespace ${namespace} that was asked for uses the package.`);
  const number = object.status?.versions?.find((one) => one.digest === digest)?.version;
  for (const { name: task, operation } of results) {
    const what = operation === 'switched' && number !== undefined ? `switched to version ${number}` : operation;
    await deps.out(resultLine('Task', task, what, dryRun));
  }
}

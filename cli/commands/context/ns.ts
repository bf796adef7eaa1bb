// ctask ns: the namespaces, and from one to another (the habit of kubens).
import type { Command } from 'commander';
import { lastChoices, rememberChoices } from '../../client/last-choice.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { setEntry } from '../config/changes.js';

export function defineNs(program: Command, deps: CliDeps, run = runNs): void {
  const command = program
    .command('ns')
    .description('Show the namespaces, or use another one from now on')
    .argument('[namespace]', 'a namespace, or - for the one before')
    .option('--force', 'use it even if the center does not have it', false);
  addExamples(command, [
    { say: 'Which there are, the one in use marked', run: 'ctask ns' },
    { say: 'Use another one', run: 'ctask ns default' },
  ]).action((name: string | undefined, options: { force: boolean }) => run(name, options, deps));
}

export async function runNs(given: string | undefined, { force }: { force: boolean }, deps: CliDeps): Promise<void> {
  const { namespace: current, context } = await deps.settings();
  if (given === undefined) {
    const { items } = await listAll<ApiObject>(await deps.api(), resourcePath('namespaces'));
    return deps.out(items.map(({ metadata: { name } }) => `${name === current ? '* ' : '  '}${name}\n`).join(''));
  }
  if (context === undefined) {
    throw usage('no context is in use that could remember the namespace', "see 'ctask config get-contexts'");
  }
  const before = lastChoices(deps.host).namespaces ?? {};
  const name = given === '-' ? before[context.name] : given;
  if (name === undefined) throw usage('no namespace was in use before');
  if (!force) await (await deps.api()).get(resourcePath('namespaces', undefined, name));
  await setEntry('contexts', context.name, { namespace: name }, 'Context', deps);
  if (current !== name) rememberChoices(deps.host, { namespaces: { ...before, [context.name]: current } });
  await deps.out(`Active namespace is "${name}".\n`);
}

// ctask ctx: the contexts, and from one to another (the habit of kubectx).
import type { Command } from 'commander';
import { lastChoices, rememberChoices } from '../../client/last-choice.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';
import { useContext } from '../config/changes.js';
import { load } from '../config/config.js';

export function defineCtx(program: Command, deps: CliDeps, run = runCtx): void {
  const command = program
    .command('ctx')
    .description('Show the contexts, or use another one from now on')
    .argument('[context]', 'a context, or - for the one before');
  addExamples(command, [
    { say: 'Which there are, the current one first marked', run: 'ctask ctx' },
    { say: 'Use another one', run: 'ctask ctx local' },
  ]).action((name: string | undefined) => run(name, deps));
}

export async function runCtx(given: string | undefined, deps: CliDeps): Promise<void> {
  const { contexts, currentContext } = await load(deps);
  if (given === undefined) {
    if (contexts.length === 0) return deps.say('No contexts found');
    return deps.out(contexts.map(({ name }) => `${name === currentContext ? '* ' : '  '}${name}\n`).join(''));
  }
  const name = given === '-' ? lastChoices(deps.host).context : given;
  if (name === undefined) throw usage('no context was in use before');
  await useContext(name, deps);
  if (currentContext !== undefined && currentContext !== name) rememberChoices(deps.host, { context: currentContext });
}

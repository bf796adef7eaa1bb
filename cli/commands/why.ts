// ctask why: what keeps a task from running, or when it runs next and where. The center says it, by the rules it plans by.
import type { Command } from 'commander';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { Description } from '../output/description.js';
import { checkFormat, renderObject } from '../output/objects.js';
import { oneName, TASK_NAMES } from '../resources/target.js';
import type { Why } from '../resources/why.js';
import { addDependencies } from './describe/after.js';
import { timeAndAge } from './describe/parts.js';

export interface WhyOptions {
  task: string;
  output?: 'json' | 'yaml';
}

export function defineWhy(program: Command, deps: CliDeps, run = runWhy): void {
  const command = program
    .command('why')
    .description('Say what keeps a task from running, agent by agent')
    .argument('<task>', 'NAME or task/NAME')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'Why does it not run?', run: 'ctask why hello' },
    { say: 'For a program', run: 'ctask why task/hello -o json' },
  ]).action((task: string, { output }: { output?: string }) => {
    const format = checkFormat(output, ['json', 'yaml']);
    return run({ task: oneName(task, TASK_NAMES).name, ...(format === undefined ? {} : { output: format }) }, deps);
  });
}

export async function runWhy({ task, output }: WhyOptions, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const why = await (await deps.api()).get<Why>(resourcePath('tasks', namespace, task, 'why'));
  if (output !== undefined) return deps.out(await renderObject(why, output));
  const now = deps.clock.now();
  const description = new Description()
    .field('Task', `${why.namespace}/${why.task}`)
    .field('Next Time Point', why.nextTime === undefined ? '<none>' : timeAndAge(why.nextTime, now))
    .field('Agent', why.owner ?? (why.owner === null ? '<none>' : '<unknown>'))
    .field('Eligible', `${why.agents.eligible} of ${why.agents.total} agents`);
  addDependencies(description, why, now);
  const { lastUnrun } = why;
  if (lastUnrun !== undefined) {
    const words = lastUnrun.reason === lastUnrun.state ? lastUnrun.state : `${lastUnrun.state} (${lastUnrun.reason})`;
    description.field('Last Not Run', `${lastUnrun.run}: ${words}, ${timeAndAge(lastUnrun.time, now)}`);
  }
  if (why.findings.length === 0) description.field('Findings', 'nothing keeps the task from running');
  else
    description.table(
      'Findings',
      ['Reason', 'Message'],
      why.findings.map(({ reason, message }) => [reason, message]),
    );
  description.table(
    'Agents',
    ['Name', 'Has It', 'May Have It', 'Why Not'],
    why.agents.items.map(({ name, owner, eligible, reasons }) => [
      name,
      owner ? 'yes' : 'no',
      eligible ? 'yes' : 'no',
      reasons.join('; '),
    ]),
  );
  await deps.out(description.text());
}

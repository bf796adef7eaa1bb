// ctask cordon, ctask uncordon: whether agents get further tasks.
import type { Command } from 'commander';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { oneName, usage } from '../../resources/target.js';
import { resultLine } from '../../resources/words.js';
import { addErrorUnchanged, failUnchanged, type UnchangedFlag } from '../error-unchanged.js';

const AGENT_NAMES = ['agent', 'agents', 'ag'] as const;

export interface CordonOptions extends UnchangedFlag {
  verb: 'cordon' | 'uncordon';
  agents: readonly string[];
  selector?: string;
}

interface CordonFlags extends UnchangedFlag {
  selector?: string;
}

export function defineCordon(program: Command, deps: CliDeps, run = runCordon): void {
  const command = program
    .command('cordon')
    .description('Give agents no further tasks; what they have stays with them')
    .argument('[agent...]', 'NAME or agent/NAME')
    .option('-l, --selector <labels>', 'all agents with these labels');
  addExamples(addErrorUnchanged(command), [
    { say: 'One agent', run: 'ctask cordon eu-1' },
    { say: 'All agents of a rack', run: 'ctask cordon -l rack=b12' },
  ]).action((agents: string[], flags: CordonFlags) =>
    run({ ...flags, verb: 'cordon', agents: agents.map(agentName) }, deps),
  );
}

export function defineUncordon(program: Command, deps: CliDeps, run = runCordon): void {
  const command = program
    .command('uncordon')
    .description('Give agents tasks again; ends a drain, too')
    .argument('[agent...]', 'NAME or agent/NAME')
    .option('-l, --selector <labels>', 'all agents with these labels');
  addExamples(addErrorUnchanged(command), [
    { say: 'One agent', run: 'ctask uncordon eu-1' },
    { say: 'All agents of a rack', run: 'ctask uncordon -l rack=b12' },
  ]).action((agents: string[], flags: CordonFlags) =>
    run({ ...flags, verb: 'uncordon', agents: agents.map(agentName) }, deps),
  );
}

export function agentName(word: string): string {
  return oneName(word, AGENT_NAMES).name;
}

export async function runCordon(options: CordonOptions, deps: CliDeps): Promise<void> {
  const { verb, agents, selector } = options;
  if (agents.length === 0 && selector === undefined) throw usage('name an agent, or give -l');
  const api = await deps.api();
  const changed: boolean[] = [];
  for (const name of [...agents, ...(await selected(selector, deps))]) {
    const path = resourcePath('agents', undefined, name, verb);
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>('POST', path);
    changed.push(operation === `${verb}ed`);
    await deps.out(resultLine('Agent', object.metadata.name, operation));
  }
  failUnchanged(options, changed, deps);
}

async function selected(labelSelector: string | undefined, deps: CliDeps): Promise<string[]> {
  if (labelSelector === undefined) return [];
  const { items } = await listAll<ApiObject>(await deps.api(), resourcePath('agents'), { labelSelector });
  return items.map(({ metadata }) => metadata.name);
}

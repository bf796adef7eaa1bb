// ctask help: of a command, or about a topic.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { exitCodes } from '../exit-codes.js';
import { findCommand } from '../find-command.js';
import { globalFlags } from '../global-options.js';
import { Table } from '../output/table.js';

const topics: Readonly<Record<string, () => string | Promise<string>>> = {
  'exit-codes': () =>
    new Table({ headers: ['CODE', 'MEANING', 'EXAMPLE'] }).render(
      exitCodes.map(({ code, meaning, example }) => [code, meaning, example]),
    ),
  options: globalOptionsText,
  'event-reasons': async () => {
    const { eventReasons } = await import('../heavy/manifests.js');
    return new Table({ headers: ['REASON', 'TYPE', 'ABOUT', 'MEANING', 'ACTION'] }).render(
      Object.entries(eventReasons).map(([reason, { type, about, meaning, action }]) => {
        return [reason, type, about.join(','), meaning, action];
      }),
    );
  },
  'run-reasons': async () => {
    const { runReasons } = await import('../heavy/manifests.js');
    return new Table({ headers: ['REASON', 'STATES', 'MEANING'] }).render(
      Object.entries(runReasons).map(([reason, { states, meaning }]) => [reason, states.join(','), meaning]),
    );
  },
};

export function globalOptionsText(): string {
  const table = new Table({ headers: [], noHeaders: true });
  const rows = globalFlags.map(({ flags, description }) => [`  ${flags}`, description]);
  return `The following options can be passed to any command:\n\n${table.render(rows)}`;
}

export function defineHelp(program: Command, deps: CliDeps): void {
  const command = program
    .command('help')
    .description('Show help of a command, or about exit-codes, options, event-reasons or run-reasons')
    .argument('[topic...]', 'a command, exit-codes, options, event-reasons or run-reasons');
  addExamples(command, [
    { say: 'Of a command', run: 'ctask help get' },
    { say: 'What the program ends with', run: 'ctask help exit-codes' },
    { say: 'What events mean, and what to do', run: 'ctask help event-reasons' },
  ]).action(async (words: string[]) => {
    const topic = topics[words.join(' ')];
    if (topic !== undefined) return deps.out(await topic());
    const found = findCommand(program, words);
    if (found === undefined) {
      throw new CloudTaskError('CT_USAGE', {
        detail: `unknown help topic "${words.join(' ')}"`,
        hint: "run 'ctask help'",
      });
    }
    found.outputHelp();
  });
}

// ctask help: of a command, or about a topic.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { exitCodes } from '../exit-codes.js';
import { findCommand } from '../find-command.js';
import { globalFlags } from '../global-options.js';
import { Table } from '../output/table.js';

const topics: Readonly<Record<string, () => string>> = {
  'exit-codes': () =>
    new Table({ headers: ['CODE', 'MEANING', 'EXAMPLE'] }).render(
      exitCodes.map(({ code, meaning, example }) => [code, meaning, example]),
    ),
  options: globalOptionsText,
};

export function globalOptionsText(): string {
  const table = new Table({ headers: [], noHeaders: true });
  const rows = globalFlags.map(({ flags, description }) => [`  ${flags}`, description]);
  return `The following options can be passed to any command:\n\n${table.render(rows)}`;
}

export function defineHelp(program: Command, deps: CliDeps): void {
  const command = program
    .command('help')
    .description('Show help of a command, or about exit-codes or options')
    .argument('[topic...]', 'a command, exit-codes or options');
  addExamples(command, [
    { say: 'Of a command', run: 'ctask help get' },
    { say: 'What the program ends with', run: 'ctask help exit-codes' },
  ]).action(async (words: string[]) => {
    const topic = topics[words.join(' ')];
    if (topic !== undefined) return deps.out(topic());
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

// ctask options: the flags that every command takes (row C-96).
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { globalOptionsText } from './help.js';

export function defineOptions(program: Command, deps: CliDeps): void {
  const command = program.command('options').description('Show the flags that every command takes');
  addExamples(command, [
    { say: 'All of them', run: 'ctask options' },
    { say: 'They stand before the verb or after it', run: 'ctask options --color never' },
  ]).action(() => deps.out(globalOptionsText()));
}

import type { Command } from 'commander';

/** The command of these words below `program`, or undefined. */
export function findCommand(program: Command, words: readonly string[]): Command | undefined {
  let command: Command | undefined = program;
  for (const word of words) {
    command = command?.commands.find((one) => one.name() === word || one.aliases().includes(word));
  }
  return command;
}

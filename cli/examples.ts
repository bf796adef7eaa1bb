import type { Command } from 'commander';

/** One line of the Examples block: a comment for people and the command as one types it. */
export interface Example {
  readonly say: string;
  readonly run: string;
}

const registered = new WeakMap<Command, readonly Example[]>();

/** Adds the Examples block to a command's help and remembers it; a test runs them. */
export function addExamples(command: Command, examples: readonly Example[]): Command {
  registered.set(command, examples);
  const lines = examples.map(({ say, run }) => `  # ${say}\n  ${run}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n\n')}\n`);
}

export function examplesOf(command: Command): readonly Example[] {
  return registered.get(command) ?? [];
}

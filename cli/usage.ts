// Commander's complaints in the words kubectl users know.
import type { Command, CommanderError } from 'commander';
import { closest } from './output/suggest.js';
import { refusedVerbs } from './refused-verbs.js';
import type { UsageProblem } from './report-error.js';

/** What to tell the user; undefined when commander has printed help or a version and nothing is wrong. */
export function usageProblem(error: CommanderError, program: Command | undefined): UsageProblem | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help' || error.code === 'commander.helpDisplayed')
    return undefined;
  const command = commandPath(program);
  const message = error.message.replace(/^error: /, '').replace(/\n?\(Did you mean .*\)$/s, '');
  if (error.code === 'commander.unknownCommand') {
    const verb = /'(.*)'/s.exec(message)?.[1] ?? '';
    const refused = refusedVerbs[verb];
    if (refused !== undefined && command === 'ctask')
      return { message: `"${verb}" does not apply: ${refused}`, command };
    const suggestion = closest(
      verb,
      (deepest(program)?.commands ?? []).map((candidate) => candidate.name()),
    );
    return {
      message: `unknown command "${verb}" for "${command}"`,
      ...(suggestion === undefined ? {} : { suggestion }),
      command,
    };
  }
  if (error.code === 'commander.unknownOption') {
    const option = /'(.*)'/s.exec(message)?.[1] ?? '';
    const near = /\(Did you mean (?:one of )?([^,?)]+)/.exec(error.message)?.[1];
    return { message: `unknown flag: ${option}`, ...(near === undefined ? {} : { suggestion: near }), command };
  }
  if (error.code === 'commander.excessArguments' && deepest(program)?.options.some(({ long }) => long === '--filename'))
    return { message: `${command} takes no arguments; did you forget -f?`, command };
  return { message, command };
}

/** The command whose arguments were being read when commander gave up: the deepest one that was handed any. */
function deepest(program: Command | undefined): Command | undefined {
  let command = program;
  for (;;) {
    const next: Command | undefined = command?.commands.find(
      (candidate) => candidate.name() === command?.args[0] || candidate.aliases().includes(command?.args[0] ?? ''),
    );
    if (next === undefined) return command;
    command = next;
  }
}

function commandPath(program: Command | undefined): string {
  const names: string[] = [];
  for (let command = deepest(program); command !== undefined; command = command.parent ?? undefined) {
    names.unshift(command.name());
  }
  return names.join(' ') || 'ctask';
}

// Commander's complaints in the words kubectl users know.
import type { Command, CommanderError } from 'commander';
import { otherNames } from './other-names.js';
import { closest } from './output/suggest.js';
import { refusedFlags, refusedGenerators, refusedSubcommands, refusedVerbs } from './refused-verbs.js';
import type { UsageProblem } from './report-error.js';

/** What to tell the user; undefined when commander has printed help or a version and nothing is wrong. */
export function usageProblem(error: CommanderError, program: Command | undefined): UsageProblem | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help' || error.code === 'commander.helpDisplayed')
    return undefined;
  const command = commandPath(program);
  const message = error.message.replace(/^error: /, '').replace(/\n?\(Did you mean .*\)$/s, '');
  const refused = refusal(command, deepest(program)?.args ?? []);
  if (refused !== undefined && REFUSABLE.has(error.code)) return { message: refused, command };
  if (error.code === 'commander.unknownCommand') return unknownCommand(/'(.*)'/s.exec(message)?.[1] ?? '', program);
  if (error.code === 'commander.unknownOption') {
    const option = /'(.*)'/s.exec(message)?.[1] ?? '';
    const why = refusedFlags[command.replace(/^ctask /, '')]?.[option.split('=', 1)[0] ?? ''];
    if (why !== undefined) return { message: `${option} does not apply: ${why}`, command };
    const near = /\(Did you mean (?:one of )?([^,?)]+)/.exec(error.message)?.[1];
    return { message: `unknown flag: ${option}`, ...(near === undefined ? {} : { suggestion: near }), command };
  }
  if (error.code === 'commander.missingMandatoryOptionValue') {
    const mistyped = mistypedFlag(deepest(program));
    if (mistyped !== undefined) return { ...mistyped, command };
  }
  if (error.code === 'commander.excessArguments' && command === 'ctask create') {
    return unknownCommand(deepest(program)?.args[0] ?? '', program);
  }
  if (error.code === 'commander.excessArguments' && deepest(program)?.options.some(({ long }) => long === '--filename'))
    return { message: `${command} takes no arguments; did you forget -f?`, command };
  return { message, command };
}

/** Commander misses a flag before it complains of one that it does not know: of a flag with a typing error it would say the less. */
function mistypedFlag(command: Command | undefined): Omit<UsageProblem, 'command'> | undefined {
  const flag = command?.args.find((word) => /^--[a-z]/.test(word))?.split('=', 1)[0];
  if (command === undefined || flag === undefined) return undefined;
  const suggestion = closest(
    flag,
    command.options.flatMap(({ long }) => long ?? []),
  );
  return { message: `unknown flag: ${flag}`, ...(suggestion === undefined ? {} : { suggestion }) };
}

function unknownCommand(word: string, program: Command | undefined): UsageProblem {
  const command = commandPath(program);
  const names = (deepest(program)?.commands ?? []).map((candidate) => candidate.name());
  const suggestion = (command === 'ctask' ? otherNames[word] : undefined) ?? closest(word, names);
  const message = `unknown command "${word}" for "${command}"`;
  return { message, ...(suggestion === undefined ? {} : { suggestion }), command };
}

/** Complaints behind which a word of kubectl may stand: its flags are unknown as well, and are read first. */
const REFUSABLE: ReadonlySet<string> = new Set([
  'commander.unknownCommand',
  'commander.unknownOption',
  'commander.excessArguments',
]);

/** Why a word that people know does not apply here; undefined when nobody says so. */
function refusal(command: string, [word = '']: readonly string[]): string | undefined {
  const table =
    command === 'ctask'
      ? refusedVerbs
      : command === 'ctask create'
        ? refusedGenerators
        : refusedSubcommands[command.replace(/^ctask /, '')];
  if (table === undefined || !Object.hasOwn(table, word)) return undefined;
  return `"${word}" does not apply: ${table[word]}`;
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

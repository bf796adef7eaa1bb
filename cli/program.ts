// The whole command line. Defining a command loads nothing it needs for its work.
import { Command, type Option } from 'commander';
import { defineComplete } from './commands/completion.js';
import { commands } from './commands/table.js';
import type { RunningDeps } from './create-deps.js';
import { findCommand } from './find-command.js';
import { defineGlobalOptions, type GlobalOptions } from './global-options.js';
import { type DefineCommand, defineServerVerbStubs } from './server-verbs.js';

export interface ProgramScope {
  /** Define only this command, if there is one of that name: defining all takes longer than most commands do. */
  readonly verb?: string | undefined;
  /** The words of that command are completed. */
  readonly completes?: boolean;
  /** Define only this one, without the client's global options, whose names it may use itself. */
  readonly server?: DefineCommand | undefined;
}

/** Verbs that are about the other ones. */
const ABOUT_ALL: ReadonlySet<string> = new Set(['help', 'plugin']);

/** As commander words it, without the defaults that say nothing: a flag that is off, a list that is empty. */
function optionDescription(option: Option): string {
  const { defaultValue } = option;
  const silent = defaultValue === undefined || defaultValue === false || Array.isArray(defaultValue);
  return silent ? option.description : `${option.description} (default: ${JSON.stringify(defaultValue)})`;
}

export async function buildProgram(
  deps: RunningDeps,
  { verb, completes, server }: ProgramScope = {},
): Promise<Command> {
  const program = new Command('ctask')
    .description('CloudTask: declare tasks, and many machines run them on time.')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'Show help for a command') // of the groups, which inherit it
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void deps.host.stdout.write(text),
      writeErr: (text) => void deps.host.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => deps.host.stdout.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false, optionDescription });
  deps.program = program;
  if (server !== undefined) {
    server(program, deps);
    program.command('help [topic...]', { hidden: true }).action((topic: string[]) => {
      findCommand(program, topic)?.outputHelp();
    });
    return program;
  }
  program.version(deps.host.version, '--version', 'show the version of this program');
  defineGlobalOptions(program);
  program.hook('preAction', () => {
    deps.globals = program.opts<GlobalOptions>();
  });
  const wanted = ABOUT_ALL.has(verb ?? '') ? undefined : commands.find((row) => row.verb === verb);
  if (wanted !== undefined) {
    program.commandsGroup(wanted.group);
    (await wanted.load())(program, deps);
    if (completes) defineComplete(program, deps);
    return program;
  }
  const { definitions } = await import('./commands/all.js');
  for (const { group, verb } of commands) {
    program.commandsGroup(group);
    definitions[verb]?.(program, deps);
  }
  defineServerVerbStubs(program);
  defineComplete(program, deps);
  return program;
}

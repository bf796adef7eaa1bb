// One command line from start to exit code. Errors travel up to here; nothing else prints them.
import { CommanderError } from 'commander';
import { isCloudTaskError } from '../base/index.js';
import { normalizeArgv, verbOf } from './argv.js';
import { plainBooleans } from './boolean-flags.js';
import { applyPreferences } from './client/preferences.js';
import { COMPLETE_VERB } from './commands/completion.js';
import { commands } from './commands/table.js';
import { createDeps, type RunningDeps } from './create-deps.js';
import type { CliDeps } from './deps.js';
import { EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.js';
import { findCommand } from './find-command.js';
import type { Host } from './host.js';
import { buildProgram } from './program.js';
import { reportError, reportUsage } from './report-error.js';
import { isServerVerb, type ServerCommands } from './server-verbs.js';
import { usageProblem } from './usage.js';

/** Resolves with the exit code; never rejects because of what the command did. */
export async function runCli(
  argv: readonly string[],
  host: Host,
  servers?: ServerCommands,
  lookHere?: CliDeps['lookHere'],
): Promise<number> {
  let args: readonly string[] = normalizeArgv(argv);
  let verb = verbOf(args);
  const deps = createDeps(host, lookHere);
  const server = isServerVerb(verb) ? servers?.[verb] : undefined;
  // Servers end by their own rules: they keep the signals to themselves.
  const interrupted = server === undefined ? untilInterrupt(deps) : undefined;
  try {
    if (!isServerVerb(verb) && verb !== COMPLETE_VERB) {
      args = await applyPreferences(args, host, isCommand);
      verb = verbOf(args);
    }
    // The verb in `help VERB` is not the one that runs; the one that is completed stands after `--`, before the last word.
    const completes = verb === COMPLETE_VERB;
    const within = completes ? args.slice(args.indexOf('--') + 1, -1) : args;
    const alone = within.includes('help') ? undefined : verbOf(within);
    const scope = { verb: alone, completes, server: await server?.() };
    const program = await buildProgram(deps, scope);
    if (server === undefined) args = plainBooleans(args, program);
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    if (verb !== undefined && verb === args[0] && findCommand(program, [verb]) === undefined) {
      interrupted?.release(); // a plugin answers signals itself
      const { runPlugin } = await import('./plugins/run-plugin.js');
      const exit = await runPlugin(argv, host);
      if (exit !== undefined) return exit;
    }
    const work = program.parseAsync(args, { from: 'user' }).then(() => exitOf(deps));
    return await (interrupted === undefined ? work : Promise.race([work, interrupted.exit]));
  } catch (error) {
    return finish(error, args, deps);
  } finally {
    interrupted?.release();
    deps.close();
  }
}

const isCommand = (verb: string): boolean => isServerVerb(verb) || commands.some((row) => row.verb === verb);

/** Row C-90: what the center warned about fails a command that asked for that. */
async function exitOf(deps: RunningDeps): Promise<number> {
  const { warnings, globals, exit } = deps;
  if (warnings === 0 || globals.warningsAsErrors !== true || exit !== 0) return exit;
  await deps.say(`error: ${warnings} ${warnings === 1 ? 'warning' : 'warnings'} received`);
  return 1;
}

async function finish(error: unknown, args: readonly string[], deps: RunningDeps): Promise<number> {
  if (error instanceof CommanderError) {
    const problem = usageProblem(error, deps.program);
    // Help that nobody asked for: `ctask rollout` names no command.
    if (problem === undefined) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const { text, exit } = reportUsage(problem);
    await deps.host.stderr.write(text);
    return exit;
  }
  // The work was cut short by an interrupt; its exit code comes from there.
  if (deps.signal.aborted && error === deps.signal.reason) return deps.exit;
  const context = isCloudTaskError(error, 'CT_SERVER_UNREACHABLE') ? await deps.describeContext() : undefined;
  const { text, exit } = reportError(error, {
    json: wantsJson(args),
    debug: deps.host.env.CTASK_DEBUG === '1',
    now: deps.clock.now(),
    context,
  });
  await deps.host.stderr.write(text);
  return exit;
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  return flags.some(
    (arg, i) => /^(-ojson|--output=json)$/.test(arg) || (/^(-o|--output)$/.test(arg) && flags[i + 1] === 'json'),
  );
}

/** The first signal runs the command's hook and then ends; a second one does not wait for the hook. */
function untilInterrupt(deps: RunningDeps): { exit: Promise<number>; release: () => void } {
  let release = () => {};
  const exit = new Promise<number>((resolve) => {
    let seen = false;
    release = deps.host.onInterrupt((signal) => {
      const code = EXIT_INTERRUPTED[signal];
      if (seen) return resolve(code);
      seen = true;
      void deps.runInterruptHook(signal).finally(() => resolve(code));
    });
  });
  return { exit, release };
}

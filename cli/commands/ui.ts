// ctask ui: the dashboard. Whether there is a terminal for it is decided here, before anything of it is loaded.
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import type { Host } from '../host.js';
import { usage } from '../resources/target.js';

export function defineUi(program: Command, deps: CliDeps): void {
  const command = program.command('ui').description('Watch and steer tasks on the whole terminal');
  addExamples(command, [
    { say: 'What the current context leads to', run: 'ctask ui' },
    { say: 'One namespace of another context', run: 'ctask ui --context local -n billing' },
  ]).action(() => runUi(deps));
}

/** Throws CT_USAGE where nobody could see it or type (T-54). */
export async function runUi({ host }: Pick<CliDeps, 'host'>): Promise<void> {
  if (!isInteractive(host)) throw usage("ctask ui needs an interactive terminal; try 'ctask get tasks -w'");
  throw new CloudTaskError('CT_NOT_IMPLEMENTED', {
    detail: 'the dashboard is not part of this version',
    hint: "try 'ctask get tasks -w'",
  });
}

function isInteractive({ stdin, stdout, env }: Host): boolean {
  return stdin.isTTY && stdout.isTTY && !env.CI && env.TERM !== 'dumb';
}

// ctask ui: the dashboard. Whether there is a terminal for it is decided here, before anything of it is loaded.
import type { Command } from 'commander';
import { SKIN_NAMES, type SkinName } from '../dashboard/components/skins.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import type { Host } from '../host.js';
import { usage } from '../resources/target.js';

export interface UiOptions {
  readonly readonly: boolean;
  readonly command?: string;
  readonly mouse: boolean;
  readonly allNamespaces: boolean;
  readonly skin?: SkinName;
  readonly plain: boolean;
}

export function defineUi(program: Command, deps: CliDeps, run = runUi): void {
  const command = program
    .command('ui')
    .description('Watch and steer tasks on the whole terminal')
    .option('-c, --command <view>', "view to begin with, as typed behind ':', e.g. 'runs'")
    .option('--readonly', 'offer nothing that changes anything', false)
    .option('--mouse', 'click and scroll; selecting text then needs the shift key', false)
    .option('-A, --all-namespaces', 'objects of all namespaces', false);
  const skin = command.createOption('--skin <name>', `colours: ${SKIN_NAMES.join(', ')}`);
  command.addOption(skin.choices([...SKIN_NAMES]));
  command.option('--plain', 'lines to be read aloud instead of a screen; needs no terminal', false);
  addExamples(command, [
    { say: 'What the current context leads to', run: 'ctask ui' },
    { say: 'One namespace of another context', run: 'ctask ui --context local -n billing' },
    { say: 'The runs of all namespaces, to look at only', run: 'ctask ui -A -c runs --readonly' },
  ]).action((options: UiOptions) => run(options, deps));
}

/** Throws CT_USAGE where nobody could see it or type (T-54). */
export async function runUi({ readonly, ...options }: UiOptions, deps: CliDeps): Promise<void> {
  if (!options.plain && !isInteractive(deps.host))
    throw usage("ctask ui needs an interactive terminal; try 'ctask get tasks -w'");
  const { openDashboard } = await import('../dashboard/program.js');
  deps.setExit(await openDashboard(deps, { readOnly: readonly, ...options }));
}

function isInteractive({ stdin, stdout, env }: Host): boolean {
  return stdin.isTTY && stdout.isTTY && !env.CI && env.TERM !== 'dumb';
}

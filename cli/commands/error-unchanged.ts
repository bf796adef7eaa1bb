// --error-unchanged (row G-23): for scripts that must know whether a command has changed anything.
import type { Command } from 'commander';
import type { CliDeps } from '../deps.js';
import { EXIT_UNCHANGED } from '../exit-codes.js';
import { usage } from '../resources/target.js';
import type { DryRun } from '../resources/words.js';

export interface UnchangedFlag {
  readonly errorUnchanged?: boolean;
}

export function addErrorUnchanged(command: Command): Command {
  return command.option('--error-unchanged', 'end with 3 if nothing has changed', false);
}

/** Throws CT_USAGE: what would change is known to the server alone. */
export function checkErrorUnchanged({ errorUnchanged = false }: UnchangedFlag, dryRun: DryRun): void {
  if (errorUnchanged && dryRun === 'client') {
    throw usage('--error-unchanged cannot be given together with --dry-run=client', 'use --dry-run=server');
  }
}

/** `changed`: of each object that the command was about. A failure that is known already keeps its own exit code. */
export function failUnchanged({ errorUnchanged = false }: UnchangedFlag, changed: readonly boolean[], deps: CliDeps) {
  if (errorUnchanged && deps.exit === 0 && !changed.includes(true)) deps.setExit(EXIT_UNCHANGED);
}

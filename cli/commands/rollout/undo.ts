import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskNames } from '../../resources/target.js';
import { type DryRun, resultLine } from '../../resources/words.js';
import { dryRunMode } from '../apply.js';
import { failUnchanged, type UnchangedFlag } from '../error-unchanged.js';
import { revisionNumber } from './history.js';

export interface UndoOptions extends UnchangedFlag {
  readonly tasks: readonly string[];
  /** 0 for the previous one. */
  readonly toRevision: number;
  readonly dryRun: DryRun;
}

export interface UndoFlags extends UnchangedFlag {
  toRevision: string;
  dryRun: string | boolean;
}

export function undoOptions(
  words: readonly string[],
  { toRevision, dryRun, errorUnchanged = false }: UndoFlags,
): UndoOptions {
  return {
    tasks: taskNames(words),
    toRevision: revisionNumber(toRevision, '--to-revision', 0),
    dryRun: dryRunMode(dryRun),
    errorUnchanged,
  };
}

/** What a revision was is known to the center alone: a dry run of either kind asks it, and changes nothing. */
export async function runUndo(options: UndoOptions, deps: CliDeps): Promise<void> {
  const { tasks, toRevision, dryRun } = options;
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const changed: boolean[] = [];
  for (const task of tasks) {
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>(
      'POST',
      resourcePath('tasks', namespace, task, 'undo'),
      { body: { toRevision }, ...(dryRun === 'none' ? {} : { query: { dryRun: 'All' } }) },
    );
    changed.push(operation === 'rolled back');
    await deps.out(resultLine('Task', object.metadata.name, operation, dryRun));
  }
  failUnchanged(options, changed, deps);
}

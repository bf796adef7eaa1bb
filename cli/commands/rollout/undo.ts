import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskNames } from '../../resources/target.js';
import { type DryRun, resultLine } from '../../resources/words.js';
import { dryRunMode } from '../apply.js';
import { revisionNumber } from './history.js';

export interface UndoOptions {
  readonly tasks: readonly string[];
  /** 0 for the previous one. */
  readonly toRevision: number;
  readonly dryRun: DryRun;
}

export interface UndoFlags {
  toRevision: string;
  dryRun: string | boolean;
}

export function undoOptions(words: readonly string[], { toRevision, dryRun }: UndoFlags): UndoOptions {
  return {
    tasks: taskNames(words),
    toRevision: revisionNumber(toRevision, '--to-revision', 0),
    dryRun: dryRunMode(dryRun),
  };
}

/** What a revision was is known to the center alone: a dry run of either kind asks it, and changes nothing. */
export async function runUndo({ tasks, toRevision, dryRun }: UndoOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  for (const task of tasks) {
    const { operation, object } = await api.send<{ operation: string; object: ApiObject }>(
      'POST',
      resourcePath('tasks', namespace, task, 'undo'),
      { body: { toRevision }, ...(dryRun === 'none' ? {} : { query: { dryRun: 'All' } }) },
    );
    await deps.out(resultLine('Task', object.metadata.name, operation, dryRun));
  }
}

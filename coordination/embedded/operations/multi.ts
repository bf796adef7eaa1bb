import { ErrorNumber, OpCode } from '../../jute/codes.js';
import type { MultiRequestItem } from '../../jute/requests.js';
import type { MultiResponseItem } from '../../jute/responses.js';
import type { Applied, DataTree } from '../tree/data-tree.js';
import { OperationError } from '../tree/errors.js';
import type { TreeChange } from '../tree/transaction.js';
import { check } from './check.js';
import { create } from './create.js';
import { deleteNode } from './delete.js';
import type { Caller } from './operation.js';
import { setData } from './set-data.js';

export interface MultiOutcome {
  /** Empty when an operation failed. */
  readonly applied: readonly Applied[];
  readonly results: readonly MultiResponseItem[];
}

/**
 * Each operation is checked against the tree as the ones before it left it, so each is applied at once; when one fails,
 * the applied ones are taken back in reverse order. All of them have the same zxid and time. The reply to a failed
 * multi has no error in its header: every result is an error, 0 before the operation that failed (FinalRequestProcessor).
 */
export function performMulti(
  tree: DataTree,
  caller: Caller,
  items: readonly MultiRequestItem[],
  zxid: bigint,
  time: number,
): MultiOutcome {
  const applied: Applied[] = [];
  const results: MultiResponseItem[] = [];
  try {
    for (const item of items) {
      const { change, result } = planItem(tree, caller, item);
      if (change !== undefined) applied.push(tree.apply(change, zxid, time));
      results.push(result());
    }
    return { applied, results };
  } catch (error) {
    for (const { undo } of applied.reverse()) undo();
    if (!(error instanceof OperationError)) throw error;
    return { applied: [], results: failedResults(items.length, results.length, error.number) };
  }
}

function planItem(
  tree: DataTree,
  caller: Caller,
  item: MultiRequestItem,
): { change: TreeChange | undefined; result: () => MultiResponseItem } {
  switch (item.type) {
    case OpCode.create:
    case OpCode.create2: {
      const plan = create.plan(tree, caller, item);
      return { change: plan.change, result: () => ({ type: OpCode.create, path: plan.result().path }) };
    }
    case OpCode.delete:
      return { change: deleteNode.plan(tree, caller, item).change, result: () => ({ type: item.type }) };
    case OpCode.setData: {
      const plan = setData.plan(tree, caller, item);
      return { change: plan.change, result: () => ({ type: item.type, stat: plan.result().stat }) };
    }
    case OpCode.check:
      return { change: check.plan(tree, caller, item).change, result: () => ({ type: item.type }) };
  }
}

function failedResults(count: number, failedIndex: number, error: number): MultiResponseItem[] {
  return Array.from({ length: count }, (_, index) => ({
    type: OpCode.error,
    error: index < failedIndex ? ErrorNumber.ok : index === failedIndex ? error : ErrorNumber.runtimeInconsistency,
  }));
}

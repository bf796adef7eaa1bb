import { CoordinationError, type Operation, type OperationResult } from '../coordinator.js';
import { kindOf, opcode, serverCode } from './protocol.js';
import type { MultiResult } from './records.js';

/**
 * The results of a multi, in the order of its operations; throws the CoordinationError of the operation that failed. In
 * a failed multi the server gives each operation an error: 0 before the one that failed, its own error at it, and
 * RuntimeInconsistency after it.
 */
export function multiResults(
  operations: readonly Operation[],
  results: readonly MultiResult[],
  relative: (serverPath: string) => string,
): OperationResult[] {
  if (results.some((result) => result.type === opcode.error)) throw failureOf(operations, results);
  if (results.length !== operations.length) throw new RangeError('a multi was answered with another count of results');
  return operations.map((operation, index) => resultOf(operation, results[index]!, relative));
}

function resultOf(
  operation: Operation,
  result: MultiResult,
  relative: (serverPath: string) => string,
): OperationResult {
  switch (operation.op) {
    case 'create':
      return { op: 'create', path: relative(result.path ?? '') };
    case 'setData':
      if (result.stat === undefined) throw new TypeError('a setData was answered without a stat');
      return { op: 'setData', stat: result.stat };
    case 'delete':
    case 'check':
      return { op: operation.op };
  }
}

function failureOf(operations: readonly Operation[], results: readonly MultiResult[]): CoordinationError {
  const own = results.findIndex(({ error }) => error !== serverCode.ok && error !== serverCode.runtimeInconsistency);
  const failedIndex = own >= 0 ? own : results.findIndex(({ error }) => error !== serverCode.ok);
  const operation = operations[failedIndex];
  const code = results[failedIndex]?.error ?? serverCode.runtimeInconsistency;
  return new CoordinationError(kindOf(code), `multi ${operation?.op ?? ''}`.trim(), operation?.path, {
    serverCode: code,
    failedIndex,
  });
}

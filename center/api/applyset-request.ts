// What the body of an apply says of sets: {"applyset": "prod", "prune": true, "allowEmpty": true, "expectPruned": [...]}.
import { CloudTaskError } from '../../base/index.js';
import { LABEL_NAME_PATTERN } from '../../manifests/index.js';
import type { ApplyOptions, ExpectedPrune } from '../store/index.js';

/** The name is the value of a label. */
const NAME_MAX_CHARS = 63;
const NAME = new RegExp(LABEL_NAME_PATTERN);

/** Throws CT_BAD_REQUEST, also for nothing to apply that would empty a set. `count`: objects that are applied. */
export function applysetOptions(
  { applyset, prune = false, allowEmpty = false, expectPruned }: Record<string, unknown>,
  count: number,
): Pick<ApplyOptions, 'applyset' | 'prune'> {
  if (typeof prune !== 'boolean' || typeof allowEmpty !== 'boolean')
    throw bad('"prune" and "allowEmpty" must be true or false');
  if (expectPruned !== undefined && !isExpected(expectPruned)) {
    throw bad('"expectPruned" must be a list of {"kind", "namespace"?, "name", "resourceVersion"}');
  }
  if (applyset === undefined) {
    if (prune) throw bad('"prune" needs an "applyset": only the members of a set are pruned');
    return {};
  }
  if (typeof applyset !== 'string' || applyset.length > NAME_MAX_CHARS || !NAME.test(applyset)) {
    throw bad(`"applyset" must be a DNS label of at most ${NAME_MAX_CHARS} characters`);
  }
  if (!prune) return { applyset };
  if (count === 0 && !allowEmpty) {
    throw bad(
      `nothing is applied, so every member of applyset "${applyset}" would be pruned; allow that with "allowEmpty"`,
    );
  }
  return { applyset, prune: expectPruned === undefined ? {} : { expected: expectPruned } };
}

function isExpected(value: unknown): value is ExpectedPrune[] {
  return (
    Array.isArray(value) &&
    value.every((one: unknown) => {
      const { kind, namespace = '', name, resourceVersion } = (one ?? {}) as Record<string, unknown>;
      return [kind, namespace, name, resourceVersion].every((text) => typeof text === 'string');
    })
  );
}

const bad = (detail: string): CloudTaskError => new CloudTaskError('CT_BAD_REQUEST', detail);

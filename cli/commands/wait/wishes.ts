// What `--for` asks of an object.
import { CloudTaskError } from '../../../base/index.js';
import { type Condition, isFinal, type Run } from '../../../manifests/index.js';
import { valuesAtPath } from '../../output/jsonpath.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { whyWords } from '../../resources/words.js';

export interface Wish {
  /** What must be there for it: the object, nothing, either (it speaks for itself), or a run of it that begins. */
  readonly wants: 'object' | 'presence' | 'absence' | 'next-run';
  /** Only for runs. */
  readonly ofRuns?: boolean;
  /** Throws CT_RUN_FAILED when it will never hold. */
  holds(object: ApiObject): boolean;
}

const WORDS = 'condition=NAME[=VALUE], jsonpath={PATH}[=VALUE], create, delete, complete, succeeded, next-run';

/** Throws CT_USAGE. */
export function parseWish(text: string): Wish {
  const [word = '', rest] = text.includes('=')
    ? [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
    : [text];
  switch (word.toLowerCase()) {
    case 'condition':
      if (rest) return conditionWish(rest);
      break;
    case 'jsonpath':
      if (rest) return pathWish(rest);
      break;
    case 'create':
      if (rest === undefined) return { wants: 'presence', holds: () => true };
      break;
    case 'delete':
      if (rest === undefined) return { wants: 'absence', holds: () => false };
      break;
    case 'complete':
      if (rest === undefined) return { wants: 'object', ofRuns: true, holds: (object) => isOver(object as Run) };
      break;
    case 'succeeded':
      if (rest === undefined) return { wants: 'object', ofRuns: true, holds: (object) => hasSucceeded(object as Run) };
      break;
    case 'next-run':
      if (rest === undefined) return { wants: 'next-run', holds: () => true };
      break;
  }
  throw usage(`--for "${text}" is not understood`, `it is one of ${WORDS}`);
}

/** Names and values are compared without regard to case, as kubectl does; True unless a value is given. */
function conditionWish(text: string): Wish {
  const [type = '', status = 'true', ...more] = text.toLowerCase().split('=');
  if (type === '' || status === '' || more.length > 0)
    throw usage(`--for "condition=${text}" is not condition=NAME[=VALUE]`);
  return {
    wants: 'object',
    holds({ metadata, status: of }) {
      const conditions = (of as { conditions?: Condition[] } | undefined)?.conditions;
      const found = conditions?.find((one) => one.type.toLowerCase() === type);
      // What is said of an older spec says nothing of the present one.
      const stale = (found?.observedGeneration ?? Number.POSITIVE_INFINITY) < (metadata.generation ?? 0);
      return found !== undefined && !stale && found.status.toLowerCase() === status;
    },
  };
}

function pathWish(text: string): Wish {
  const end = text.startsWith('{') ? text.lastIndexOf('}') + 1 : text.includes('=') ? text.indexOf('=') : text.length;
  const [path, tail] = [text.slice(0, end), text.slice(end)];
  if (path === '' || !(tail === '' || tail.startsWith('='))) {
    throw usage(`--for "jsonpath=${text}" is not jsonpath={PATH}[=VALUE]`);
  }
  valuesAtPath(path, {}); // throws for a path that is not understood, before anything is asked of the server
  const wanted = tail === '' ? undefined : tail.slice(1);
  return {
    wants: 'object',
    holds(object) {
      const values = valuesAtPath(path, object).filter((value) => value !== undefined && value !== null);
      if (wanted === undefined) return values.length > 0;
      if (values.length > 1) throw usage(`jsonpath "${path}" matches more than one value`);
      const [value] = values;
      if (typeof value === 'object') throw usage(`jsonpath "${path}" leads to an object or a list, not to one value`);
      return value !== undefined && String(value) === wanted;
    },
  };
}

const isOver = ({ status }: Run): boolean => isFinal(status?.state ?? 'Pending');

function hasSucceeded(run: Run): boolean {
  if (!isOver(run)) return false;
  const { state = 'Lost' } = run.status ?? {};
  if (state === 'Succeeded') return true;
  throw new CloudTaskError(
    'CT_RUN_FAILED',
    `run "${run.metadata.name}" ended as ${state}${whyWords(run.status ?? {})}`,
  );
}

import type { ComponentType, ReactNode } from 'react';
import type { ApiObject } from '../api/objects.js';
import { request } from '../api/request.js';
import type { Right } from '../state/rights.js';

/** Something that the user can ask of an object: the button, the command that does the same, and the request. */
export interface Action<T> {
  readonly name: string;
  /** The question itself, where verb, kind and name of the object do not make it: see questionOf. */
  readonly question?: (object: T) => string;
  /** What it does, and what goes with it, for whoever hesitates; what has one is asked about first. */
  readonly warning?: (object: T) => string;
  /** What else to show whoever is asked. */
  readonly preview?: (object: T) => ReactNode;
  readonly danger?: true;
  /** What a page about the object is opened for most of all. */
  readonly primary?: true;
  readonly verb: string;
  /** What is asked for first: a dialog, which sends the request itself; for objects of which it is true. */
  readonly form?: {
    readonly Form: ComponentType<{ readonly object: T; readonly onClose: () => void }>;
    readonly needed: (object: T) => boolean;
  };
  /** What the user must be allowed to; undefined for what everybody may with what is theirs. */
  readonly right: ((object: T) => Right) | undefined;
  /** Whether there is anything to do. */
  readonly possible: (object: T) => boolean;
  readonly command: (object: T) => string;
  /** Sentence for afterwards. */
  readonly done: (object: T) => string;
  readonly request: (object: T) => Promise<unknown>;
}

/** Names what is asked about: whoever pressed the button of another row sees it here. `Delete service account ci?` */
export function questionOf<T>({ name, question }: Pick<Action<T>, 'name' | 'question'>, object: T): string {
  if (question !== undefined) return question(object);
  const { kind, metadata } = object as Partial<ApiObject>;
  if (kind === undefined || metadata === undefined) return `${name}?`;
  const words = kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return `${name} ${words} ${metadata.name}?`;
}

/** `1 run`, `3 runs`. */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** A request that writes without asking for anything more. */
export function post(path: string, body: unknown = {}): Promise<unknown> {
  return request(path, { method: 'POST', body });
}

/** The right to a verb on an object, where it is. */
export function rightOn(plural: string, verb: string): (object: ApiObject) => Right {
  return ({ metadata }) => ({ verb, plural, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) });
}

import type { AnyObject } from '../../manifests/index.js';
import type { OutcomeText } from './repository-types.js';
import type { ApplyOutcome, Stored } from './store-types.js';

/** An object as a repository tells it, for those who look into it. */
export function parsed<T extends AnyObject>(text: string): Stored<T>;
export function parsed<T extends AnyObject>(text: string | undefined): Stored<T> | undefined;
export function parsed<T extends AnyObject>(text: string | undefined): Stored<T> | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Stored<T>);
}

export function parsedOutcome({ operation, object, previous }: OutcomeText): ApplyOutcome {
  return { operation, object: parsed(object), ...(previous === undefined ? {} : { previous: parsed(previous) }) };
}

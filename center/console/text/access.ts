// Where a role can be given, and what is said of who has it.
import type { Live } from '../state/use-live.js';

type Reading = Pick<Live<unknown>, 'phase' | 'cut'>;

/** Everything of these lists was read: what is not in them is not there. */
export function allRead(lists: readonly Reading[]): boolean {
  return lists.every(({ phase, cut }) => phase === 'live' && !cut);
}

/** Of more namespaces than this the others are only counted. */
const NAMED = 3;

/** Where a role holds that is bound in these namespaces, empty or undefined for everywhere. `everywhere`, `in billing and shop`. */
export function placeWords(namespaces: readonly (string | undefined)[]): string {
  if (namespaces.some((namespace) => !namespace)) return 'everywhere';
  const names = [...new Set(namespaces)].sort();
  const more = names.length - NAMED;
  const told = more > 1 ? [...names.slice(0, NAMED), `${more} more`] : names;
  return `in ${told.length === 1 ? told[0] : `${told.slice(0, -1).join(', ')} and ${told.at(-1)}`}`;
}

interface Choice {
  /** A namespace, empty for everywhere. */
  readonly chosen: string;
  /** Whether everywhere can be chosen. */
  readonly everywhere: boolean;
  readonly namespaces: readonly string[];
}

/** Namespaces, empty for everywhere; and the one of them that is meant. A namespace that was chosen stays, also while the namespaces
 * cannot be read: another place would be given in its stead, and that may be everywhere. */
export function placesToGive({ chosen, everywhere, namespaces }: Choice): { places: readonly string[]; place: string } {
  const kept = chosen === '' ? [] : [chosen];
  const places = [...(everywhere ? [''] : []), ...new Set([...namespaces, ...kept])];
  return { places, place: chosen === '' ? (places[0] ?? '') : chosen };
}

/** What is said below those who were found to have a role, if anything is. */
export function restOfHolders(
  found: number,
  bindings: readonly Reading[],
): 'nobody' | 'unknown' | 'perhaps more' | undefined {
  if (allRead(bindings)) return found === 0 ? 'nobody' : undefined;
  if (bindings.some(({ phase }) => phase === 'loading')) return undefined;
  return found === 0 ? 'unknown' : 'perhaps more';
}

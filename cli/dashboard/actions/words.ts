// How actions speak of objects.
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import { API_GROUP } from '../../resources/words.js';
import type { DialogList } from '../navigation/dialog.js';
import type { Line } from '../text/line.js';

/** A dialog lists these, and counts the others (T-11). */
const LISTED = 10;

/** `default/nightly`, for a dialog. */
export function listed(objects: readonly ApiObject[]): DialogList {
  const lines = objects.slice(0, LISTED).map(({ metadata }): Line => {
    const place = metadata.namespace === undefined ? '' : `${metadata.namespace}/`;
    return [
      { text: `  ${safeCell(place)}`, meaning: 'dim' },
      { text: safeCell(metadata.name), bold: true },
    ];
  });
  return { total: objects.length, lines };
}

/** `nightly`, or `3 tasks`. */
export function objectWords(plural: string, objects: readonly ApiObject[]): string {
  const [only] = objects;
  return objects.length === 1 && only !== undefined ? only.metadata.name : `${countWords(objects.length)} ${plural}`;
}

/** `1,187`. */
export const countWords = (count: number): string => count.toLocaleString('en');

/** Without the group: it is always ours. */
export const plainWords = (line: string): string => line.replaceAll(`.${API_GROUP}`, '');

/** As a shell parts words: at blanks outside of quotes. */
export function splitWords(text: string): string[] {
  const found = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return found.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_quoted, one, two) => one ?? two));
}

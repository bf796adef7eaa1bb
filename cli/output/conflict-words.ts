// Fields that another manager has set otherwise (C-09): which, both values, who and when, and the three ways out.
import { type ErrorCause, formatAge } from '../../base/index.js';

const VALUE_MAX_CHARS = 40;

const WAYS_OUT = `Please review the fields above--they currently have other managers. Here are the ways you can resolve this:
* If you intend to manage all of these fields, please re-run the apply command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your manifest to remove references to the fields that should keep their current managers.
* You may co-own fields by updating your manifest to match the existing value; in this case, you'll become the manager if the other manager(s) stop managing the field (remove it from their configuration).`;

export function isFieldConflict(causes: readonly ErrorCause[]): boolean {
  return causes.length > 0 && causes.every(({ reason }) => reason === 'FieldManagerConflict');
}

/** `message` is the server's. Without `now` the time stands as it is. */
export function conflictWords(message: string, causes: readonly ErrorCause[], now?: number): string[] {
  // Of several objects the server names the one that each field is of; here the line of its file says it.
  const several = /\b\w+\.cloudtask\.dev\/[a-z0-9]/.test(message);
  const rows = causes.map(({ field = '', at, conflict }) => {
    const path = `.${field.replace(/^objects\[\d+\]\.?/, '')}`;
    const { manager = '', user, time = '', yours, live } = conflict ?? {};
    const who = user === undefined ? manager : `${manager} (${user})`;
    const when = now === undefined ? time : `${formatAge(now - Date.parse(time))} ago`;
    return [
      `${several && at !== undefined ? `${at}: ` : ''}${path}`,
      `yours: ${value(yours)}`,
      `live: ${value(live)}`,
      `set by ${who} ${when}`,
    ];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`);
  return [`error: ${message}`, ...lines, WAYS_OUT];
}

function value(given: unknown): string {
  if (given === undefined) return '<none>';
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return text.length > VALUE_MAX_CHARS ? `${text.slice(0, VALUE_MAX_CHARS - 3)}...` : text;
}

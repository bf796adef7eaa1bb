// Requests of an administrator as somebody else (C-80): the headers.
import { CloudTaskError } from '../../base/index.js';

/** As long as the name of an object. */
const NAME_MAX_CHARS = 253;
const NAME = /^[A-Za-z0-9][A-Za-z0-9:._@/-]*$/;
const GROUPS_MAX = 32;

export interface Impersonated {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Whom a request is sent as; undefined for nobody else. Several groups are separated by commas. Throws CT_BAD_REQUEST. */
export function impersonatedBy(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Impersonated | undefined {
  const [user, list] = [headers['impersonate-user'], headers['impersonate-group']];
  if (user === undefined && list === undefined) return undefined;
  if (user === undefined) throw bad('Impersonate-Group without Impersonate-User: whose groups are these?');
  const groups =
    list === undefined
      ? []
      : String(list)
          .split(',')
          .map((group) => group.trim());
  for (const name of [String(user), ...groups]) {
    if (name.length > NAME_MAX_CHARS || !NAME.test(name)) throw bad('an impersonated user or group has no proper name');
  }
  if (groups.length > GROUPS_MAX) throw bad(`more than ${GROUPS_MAX} impersonated groups`);
  return { user: String(user), groups };
}

function bad(detail: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', detail);
}

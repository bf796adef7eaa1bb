import { CloudTaskError } from '../../../base/index.js';

/** A PostgreSQL URL, taken apart so that nothing that is shown can hold the password. */
export interface PostgresAddress {
  readonly url: string;
  /** `postgres://user@host:port/database`: for logs and errors. */
  readonly shown: string;
}

/**
 * Reads `postgres://user:password@host:port/database?…`. The password may come by itself and then wins. Throws
 * CT_CONFIG_INVALID without repeating what was given.
 */
export function postgresAddress(text: string, password?: string): PostgresAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid();
  }
  if ((url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') || url.pathname.length < 2) throw invalid();
  if (password !== undefined) url.password = encodeURIComponent(password);
  const user = url.username === '' ? '' : `${url.username}@`;
  return { url: url.href, shown: `postgres://${user}${url.host}${url.pathname}` };
}

function invalid(): CloudTaskError {
  return new CloudTaskError('CT_CONFIG_INVALID', {
    detail: 'the store is not of the form postgres://user:password@host:port/database',
  });
}

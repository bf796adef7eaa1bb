import { CloudTaskError, type ResolvedOptions } from '../../base/index.js';

export const guestOption = {
  name: 'guest',
  type: 'string',
  description: 'viewer: whoever sends neither token nor session may read everything that viewers read',
} as const;

/** Throws CT_CONFIG_INVALID. */
export function guestsOf({ guest }: ResolvedOptions): boolean {
  if (guest === undefined || guest === '') return false;
  if (guest === 'viewer') return true;
  throw new CloudTaskError('CT_CONFIG_INVALID', `--guest "${String(guest)}": guests can be nothing but viewer`);
}

// From what an issuer says of somebody to a user of this installation.
import { CloudTaskError } from '../../base/index.js';
import { ISSUER_GROUP_PREFIX } from '../../manifests/index.js';
import type { IssuerIdentity } from '../store/index.js';
import type { OidcSettings } from './oidc-settings.js';

export type Claims = Readonly<Record<string, unknown>>;

const NAME_MAX_CHARS = 253;
const GROUPS_MAX = 1000;

/** Throws CT_FORBIDDEN for somebody who may not come in, or of whom too little is said. */
export function identityOfClaims(claims: Claims, settings: OidcSettings): IssuerIdentity {
  for (const [name, wanted] of Object.entries(settings.requiredClaims)) {
    const given = claims[name];
    if (String(given) !== wanted && !(Array.isArray(given) && given.includes(wanted))) {
      throw refused(`the claim "${name}" is not what this installation asks for`);
    }
  }
  const given = claims[settings.usernameClaim];
  if (typeof given !== 'string' || given === '') throw refused(`the issuer does not say "${settings.usernameClaim}"`);
  // An address that anybody can say is theirs says nothing.
  if (settings.usernameClaim === 'email' && claims.email_verified === false) {
    throw refused('the issuer has not verified the address');
  }
  return {
    ...{ issuer: settings.issuer, subject: String(claims.sub), name: nameOf(settings.usernamePrefix + given) },
    groups: groupsOf(claims[settings.groupsClaim]),
    ...text('displayName', claims.name),
    ...text('email', claims.email),
  };
}

/** Names of objects are DNS names; what is none of their characters becomes a hyphen. */
function nameOf(given: string): string {
  const name = given
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.');
  if (name !== '' && name.length <= NAME_MAX_CHARS) return name;
  throw refused('the issuer gives a name that no user can have');
}

function groupsOf(value: unknown): string[] {
  const list: readonly unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  const names = list.filter((one): one is string => typeof one === 'string' && one !== '');
  if (names.length > GROUPS_MAX) throw refused(`the issuer names more than ${GROUPS_MAX} groups`);
  return names.map((name) => ISSUER_GROUP_PREFIX + name).filter((name) => name.length <= NAME_MAX_CHARS);
}

function text(field: 'displayName' | 'email', value: unknown): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [field]: value.slice(0, NAME_MAX_CHARS) } : {};
}

function refused(detail: string): CloudTaskError {
  return new CloudTaskError('CT_FORBIDDEN', detail);
}

import { createHash } from 'node:crypto';
import type { AclRecord } from '../../jute/records.js';
import { OperationError } from './errors.js';

/** What a client has proved about itself. */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** `name:password` as an identity (ZooKeeper: DigestAuthenticationProvider): name, then base64 of SHA-1 of the whole. */
export function digestIdentity(credential: string): Identity {
  const colon = credential.indexOf(':');
  const name = colon < 0 ? credential : credential.slice(0, colon);
  return { scheme: 'digest', id: `${name}:${createHash('sha1').update(credential, 'utf8').digest('base64')}` };
}

/** Throws noAuth unless an entry of `acl` grants one of the bits of `permissions` to one of `identities`. */
export function checkAcl(
  acl: readonly AclRecord[],
  permissions: number,
  identities: readonly Identity[],
  path?: string,
): void {
  if (!isAllowed(acl, permissions, identities)) throw new OperationError('noAuth', path);
}

export function isAllowed(acl: readonly AclRecord[], permissions: number, identities: readonly Identity[]): boolean {
  if (acl.length === 0) return true;
  return acl.some((entry) => {
    if ((entry.permissions & permissions) === 0) return false;
    if (entry.scheme === 'world' && entry.id === 'anyone') return true;
    return identities.some((identity) => identity.scheme === entry.scheme && identity.id === entry.id);
  });
}

/**
 * The ACL a node gets when a client asks for `acl` (ZooKeeper: PrepRequestProcessor.fixupACL): duplicates removed, scheme
 * `auth` replaced by the client's identities. Throws invalidAcl when nothing remains, or for a scheme other than world,
 * digest and auth: `ip`, `x509` and `sasl` are not supported and must not look as if they protected anything.
 */
export function resolveAcl(
  acl: readonly AclRecord[] | null,
  identities: readonly Identity[],
  path: string,
): readonly AclRecord[] {
  const unique = (acl ?? []).filter((entry, index, all) => all.findIndex((other) => sameEntry(other, entry)) === index);
  if (unique.length === 0) throw new OperationError('invalidAcl', path);
  return unique.flatMap((entry) => resolveEntry(entry, identities, path));
}

function resolveEntry(entry: AclRecord, identities: readonly Identity[], path: string): AclRecord[] {
  const { scheme, id, permissions } = entry;
  if (scheme === null) throw new OperationError('invalidAcl', path);
  if (scheme === 'auth') {
    if (identities.length === 0) throw new OperationError('invalidAcl', path);
    return identities.map((identity) => ({ permissions, ...identity }));
  }
  // Apache ZooKeeper fails on a null id before it looks at the scheme's rules.
  if (id === null) throw new OperationError('marshallingError', path);
  const valid = (scheme === 'world' && id === 'anyone') || (scheme === 'digest' && isDigestId(id));
  if (!valid) throw new OperationError('invalidAcl', path);
  return [entry];
}

/** Two parts, where empty parts at the end do not count, as in Java's String.split. */
function isDigestId(id: string): boolean {
  return id.replace(/:+$/, '').split(':').length === 2;
}

function sameEntry(a: AclRecord, b: AclRecord): boolean {
  return a.permissions === b.permissions && a.scheme === b.scheme && a.id === b.id;
}

/** What a client without admin rights may see of an ACL: digests without their secret. */
export function maskDigests(acl: readonly AclRecord[]): AclRecord[] {
  return acl.map((entry) =>
    entry.scheme === 'digest' && entry.id !== null ? { ...entry, id: entry.id.replace(/:.*/, ':x') } : entry,
  );
}

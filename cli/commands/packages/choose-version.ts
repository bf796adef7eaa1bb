// Which version of a package is meant: by its number, or by its digest or the beginning of it.
import type { Command } from 'commander';
import { CloudTaskError } from '../../../base/index.js';
import type { Package, PackageVersion } from '../../../manifests/index.js';
import { usage } from '../../resources/target.js';

export interface VersionFlags {
  revision?: string;
  digest?: string;
}

/** Shorter ones may mean several versions sooner or later. */
const DIGEST_MIN_CHARS = 8;

export function versionFlags(command: Command): Command {
  return command
    .option('--revision <n>', 'number of the version')
    .option('--digest <sha256>', 'digest of the version, or the beginning of it');
}

/** undefined when no version was asked for. Throws CT_USAGE and CT_NOT_FOUND. */
export function chosenVersion(
  { metadata, status }: Pick<Package, 'metadata' | 'status'>,
  { revision, digest }: VersionFlags,
): PackageVersion | undefined {
  if (revision === undefined && digest === undefined) return undefined;
  if (revision !== undefined && digest !== undefined) throw usage('--revision and --digest do not go together');
  const versions = status?.versions ?? [];
  const subject = `package "${metadata.name}"`;
  if (revision !== undefined) {
    const found = versions.find((one) => String(one.version) === revision);
    if (found !== undefined) return found;
    const known = versions.map((one) => one.version).join(', ');
    throw new CloudTaskError('CT_NOT_FOUND', `${subject} has no version ${revision}; it has ${known}`);
  }
  const wanted = digest!.replace(/^sha256:/, '').toLowerCase();
  if (!new RegExp(`^[0-9a-f]{${DIGEST_MIN_CHARS},64}$`).test(wanted)) {
    throw usage(`--digest "${digest}" is not a SHA-256, or at least ${DIGEST_MIN_CHARS} digits of one`);
  }
  const found = versions.filter((one) => one.digest.startsWith(`sha256:${wanted}`));
  if (found.length > 1) throw usage(`--digest "${digest}" is the beginning of several`);
  if (found.length === 0) throw new CloudTaskError('CT_NOT_FOUND', `${subject} has no version ${digest}`);
  return found[0];
}

// The form of a backup: a tar archive of plain files, so that other tools can look into it.
//
//   backup.json                      what it is of: Manifest
//   coordination/root.json           CoordinationCopy without its records
//   coordination/000001.ndjson       trigger records, one a line
//   store/TABLE/000001.ndjson        rows of a table, one a line: values in the order of the columns in backup.json
//   keys/NAME                        files with keys and tokens, with --with-keys only
//   SHA256SUMS                       of all of these, as sha256sum writes them, and always the last one
//
// Names are in this order and no others are taken; nothing of an archive becomes a path.
import { Header } from 'tar';
import { CloudTaskError } from '../../../base/index.js';
import type { StoreFacts } from '../../../center/store/copy/index.js';
import type { CoordinationCopy } from '../../../coordination/index.js';

/** Grows when an older ctask could not read it. */
export const FORMAT = 1;

export const MANIFEST = 'backup.json';
export const ROOT = 'coordination/root.json';
export const SUMS = 'SHA256SUMS';

/** What is put together before it is an entry: of one entry both sides hold all bytes in memory. */
export const ENTRY_BYTES = 4 * 1024 * 1024;
/** A row may be larger than what is gathered. */
export const ENTRY_BYTES_MAX = 256 * 1024 * 1024;

export interface Manifest extends StoreFacts {
  readonly format: number;
  /** Version of the ctask that made it. */
  readonly version: string;
  /** RFC 3339: when reading began. */
  readonly time: string;
  /** Names of files below keys/. */
  readonly keys: readonly string[];
}

export type RootFacts = Omit<CoordinationCopy, 'records'>;

/** Files of a center's data directory that cannot be made again. */
export const KEY_FILES = [
  'secrets.key',
  'coordination.secret',
  'admin.token',
  'agent.token',
  'tls/ca.crt',
  'tls/ca.key',
] as const;

const NAME = /^(?:backup\.json|SHA256SUMS|coordination\/(?:root\.json|\d{6}\.ndjson)|store\/[a-z_]+\/\d{6}\.ndjson)$/;

export function isEntryName(name: string): boolean {
  return NAME.test(name) || KEY_FILES.some((file) => name === `keys/${file}`);
}

export const numbered = (folder: string, number: number): string =>
  `${folder}/${String(number).padStart(6, '0')}.ndjson`;

export const invalid = (detail: string, cause?: unknown): CloudTaskError =>
  new CloudTaskError('CT_BACKUP_INVALID', { detail, hint: 'nothing was changed; take another backup', cause });

/** The 512 bytes before the content of an entry. */
export function entryHeader(path: string, size: number, mtime: Date | undefined): Buffer {
  const header = new Header({ path, size, mode: 0o600, ...(mtime && { mtime }), type: 'File', uid: 0, gid: 0 });
  header.encode();
  return header.block!;
}

import { CloudTaskError } from '../../base/index.js';

/** What one package may hold. A package is a program: far below all of these. */
export interface ArchiveLimits {
  /** Files and directories, those that are only implied by a path included. */
  readonly entries: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files. */
  readonly totalBytes: number;
  /** Bytes that come of one byte of the archive, at most, after the first `ratioFreeBytes`. */
  readonly ratio: number;
  /** Small archives of regular content may well be squeezed further; so little harms nobody. */
  readonly ratioFreeBytes: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 10_000,
  fileBytes: 512 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  ratio: 100,
  ratioFreeBytes: 1024 * 1024,
};

const NAME_SHOWN_CHARS = 120;

/** The refusal of an archive because of one of its entries: names the entry and the rule. */
export function refusedEntry(name: string, rule: string): CloudTaskError {
  // Quoted as JSON: what a terminal would act upon is visible.
  const shown = name.length > NAME_SHOWN_CHARS ? `${name.slice(0, NAME_SHOWN_CHARS)}…` : name;
  return new CloudTaskError('CT_PACKAGE_INVALID', `entry ${JSON.stringify(shown)}: ${rule}`);
}

/** The refusal of an archive as a whole. */
export function refusedArchive(rule: string, cause?: unknown): CloudTaskError {
  return new CloudTaskError('CT_PACKAGE_INVALID', { detail: rule, ...(cause === undefined ? {} : { cause }) });
}

/** Counts what comes out of an archive and refuses what is too much, while it comes. */
export class Meter {
  private readonly limits: ArchiveLimits;
  /** Bytes that the archive allows by its own size. */
  private readonly allowed: number;
  private total = 0;

  /** `archiveBytes` is the size of the archive as it was uploaded. */
  constructor(limits: ArchiveLimits, archiveBytes: number) {
    this.limits = limits;
    this.allowed = limits.ratioFreeBytes + limits.ratio * archiveBytes;
  }

  get bytes(): number {
    return this.total;
  }

  /** `fileBytes` is what the file has so far, these bytes included. Throws CT_PACKAGE_INVALID. */
  add(name: string, bytes: number, fileBytes: number): void {
    const { limits } = this;
    this.total += bytes;
    if (fileBytes > limits.fileBytes)
      throw refusedEntry(name, `a file may not have more than ${limits.fileBytes} bytes`);
    if (this.total > limits.totalBytes) {
      throw refusedEntry(name, `with it the files have more than ${limits.totalBytes} bytes together`);
    }
    if (this.total > this.allowed) {
      throw refusedEntry(name, `with it more than ${limits.ratio} bytes come of each byte of the archive`);
    }
  }
}

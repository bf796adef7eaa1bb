import { type AuditAnchor, type AuditEntry, entryHash } from './audit-entry.js';

export interface BrokenEntry {
  readonly sequence: number;
  readonly why: string;
}

/** Checks the entries of an audit one after the other, from an anchor on. After the first broken one it looks no further. */
export class AuditChain {
  /** The last entry that holds. */
  head: AuditAnchor;
  checked = 0;
  broken: BrokenEntry | undefined;

  constructor(anchor: AuditAnchor) {
    this.head = anchor;
  }

  /** False when this entry, or one before it, is broken. */
  add(entry: AuditEntry): boolean {
    if (this.broken !== undefined) return false;
    const why = this.flawOf(entry);
    if (why !== undefined) {
      this.broken = { sequence: entry.sequence, why };
      return false;
    }
    this.head = { sequence: entry.sequence, hash: entry.hash };
    this.checked += 1;
    return true;
  }

  private flawOf({ previousHash, hash, ...facts }: AuditEntry): string | undefined {
    const { sequence } = this.head;
    if (facts.sequence !== sequence + 1) return `it follows entry ${sequence}: what was between them is missing`;
    if (previousHash !== this.head.hash) return `it does not continue entry ${sequence}`;
    return hash === entryHash(previousHash, facts) ? undefined : 'it is not what was written: its hash is another';
  }
}

import { type ArchiveLimits, refusedArchive, refusedEntry } from './archive-limits.js';
import { foldName, stepsOf } from './entry-names.js';

interface Node {
  /** As it was written. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** It has an entry of its own; otherwise it is only on the way to others. */
  stated: boolean;
}

/** What an archive has named so far: each place is named once, in one spelling, as one thing. */
export class EntryTree {
  private readonly nodes = new Map<string, Node>();
  private readonly limits: ArchiveLimits;
  private readonly windows: boolean;

  constructor(limits: ArchiveLimits, windows: boolean) {
    this.limits = limits;
    this.windows = windows;
  }

  get size(): number {
    return this.nodes.size;
  }

  /**
   * Takes an entry. Returns its path, '' for the root itself, and the directories that have to be made for it, itself
   * included, outermost first. Throws CT_PACKAGE_INVALID.
   */
  add(name: string, kind: 'file' | 'directory'): { readonly path: string; readonly directories: readonly string[] } {
    const steps = stepsOf(name, this.windows);
    if (steps.length === 0) {
      if (kind === 'file') throw refusedEntry(name, 'is the directory of the package itself');
      return { path: '', directories: [] };
    }
    const directories: string[] = [];
    let path = '';
    let key = '';
    for (const [index, step] of steps.entries()) {
      const isLast = index === steps.length - 1;
      path = index === 0 ? step : `${path}/${step}`;
      key = `${key}/${foldName(step)}`;
      const isNew = this.take(name, key, path, isLast ? kind : 'directory', isLast);
      if (isNew && !(isLast && kind === 'file')) directories.push(path);
    }
    return { path, directories };
  }

  /** True when the place was not known. */
  private take(name: string, key: string, path: string, kind: Node['kind'], stated: boolean): boolean {
    const known = this.nodes.get(key);
    if (known === undefined) {
      if (this.nodes.size >= this.limits.entries) {
        throw refusedArchive(`an archive may not have more than ${this.limits.entries} files and directories`);
      }
      this.nodes.set(key, { path, kind, stated });
      return true;
    }
    if (known.path !== path) {
      throw refusedEntry(name, `differs from ${JSON.stringify(known.path)} only in case or Unicode form`);
    }
    if (known.kind !== kind) throw refusedEntry(name, `${JSON.stringify(path)} is a file and a directory at once`);
    if (stated && known.stated) throw refusedEntry(name, 'is there twice');
    known.stated ||= stated;
    return false;
  }
}

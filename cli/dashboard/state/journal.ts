// Which objects changed with which version: who keeps something of thousands of objects looks at these only (T-53).

/** Nobody who draws ten times a second is so far behind; who is looks at everything. */
const KEPT = 1_000;

export class Journal {
  version = 0;
  private uids: string[] = [];

  /** One object came, changed or went. */
  one(uid: string): void {
    if (this.uids.length >= 2 * KEPT) this.uids = this.uids.slice(KEPT);
    this.uids.push(uid);
    this.version += 1;
  }

  /** Anything may have changed. */
  all(): void {
    this.uids = [];
    this.version += 1;
  }

  since(version: number): readonly string[] | undefined {
    const from = version - (this.version - this.uids.length);
    return from < 0 || version > this.version ? undefined : this.uids.slice(from);
  }
}

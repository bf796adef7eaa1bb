// A cursor in a list whose objects come and go: it stays on its object, not on its row (T-08).

export class ListCursor {
  /** Of the object under the cursor. */
  uid: string | undefined;
  index = 0;
  /** First row on the screen. */
  top = 0;
  private height = 1;
  private count = 0;

  /** Brings cursor and place in line with the list as it is now. An object that has gone gives way to its successor. */
  settle(uids: readonly string[], height: number): void {
    this.height = Math.max(1, height);
    this.count = uids.length;
    const found = this.uid === undefined ? -1 : uids[this.index] === this.uid ? this.index : uids.indexOf(this.uid);
    this.index = clamp(found === -1 ? this.index : found, 0, Math.max(0, uids.length - 1));
    this.uid = uids[this.index];
    if (this.index < this.top) this.top = this.index;
    if (this.index >= this.top + this.height) this.top = this.index - this.height + 1;
    this.top = clamp(this.top, 0, Math.max(0, uids.length - this.height));
  }

  /** `12 of 1200`; undefined while all of the list is seen. */
  get place(): string | undefined {
    return this.count > this.height ? `${this.index + 1} of ${this.count}` : undefined;
  }

  move(by: number): void {
    this.to(this.index + by);
  }

  /** Moves the window; the cursor stays on its row for as long as that is seen. */
  scroll(rows: number): void {
    this.top = clamp(this.top + rows, 0, Math.max(0, this.count - this.height));
    const index = clamp(this.index, this.top, this.top + this.height - 1);
    if (index !== this.index) this.to(index);
  }

  /** False when it is there already. */
  moveTo(index: number): boolean {
    if (index === this.index) return false;
    this.to(index);
    return true;
  }

  page(by: number): void {
    this.move(by * this.height);
  }

  to(index: number): void {
    this.index = clamp(index, 0, Math.max(0, this.count - 1));
    this.uid = undefined; // the next list says which object is there
  }

  bottom(): void {
    this.to(this.count - 1);
  }
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

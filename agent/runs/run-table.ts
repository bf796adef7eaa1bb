import type { OpenRun, RunMode } from './open-run.js';

/** The open runs by uid, by slot (in the order of their claims) and by the directory of the present attempt. */
export class RunTable {
  private readonly byUid = new Map<string, OpenRun>();
  private readonly bySlot = new Map<string, OpenRun[]>();
  private readonly byDirectory = new Map<string, OpenRun>();
  private readonly directoryOf = new Map<OpenRun, string>();

  get size(): number {
    return this.byUid.size;
  }

  add(run: OpenRun): void {
    if (this.byUid.has(run.uid)) return;
    this.byUid.set(run.uid, run);
    const runs = this.bySlot.get(run.slotKey);
    if (runs === undefined) this.bySlot.set(run.slotKey, [run]);
    else runs.push(run);
  }

  remove(run: OpenRun): void {
    if (!this.byUid.delete(run.uid)) return;
    this.setDirectory(run, undefined);
    const runs = this.bySlot.get(run.slotKey)?.filter((other) => other !== run) ?? [];
    if (runs.length === 0) this.bySlot.delete(run.slotKey);
    else this.bySlot.set(run.slotKey, runs);
  }

  setDirectory(run: OpenRun, directory: string | undefined): void {
    const before = this.directoryOf.get(run);
    if (before !== undefined) this.byDirectory.delete(before);
    this.directoryOf.delete(run);
    if (directory === undefined) return;
    this.byDirectory.set(directory, run);
    this.directoryOf.set(run, directory);
  }

  get(uid: string): OpenRun | undefined {
    return this.byUid.get(uid);
  }

  atDirectory(directory: string): OpenRun | undefined {
    return this.byDirectory.get(directory);
  }

  ofSlot(slotKey: string): readonly OpenRun[] {
    return this.bySlot.get(slotKey) ?? [];
  }

  /** What is to start in the slot, or runs. */
  active(slotKey: string): OpenRun[] {
    return this.ofSlot(slotKey).filter(({ mode }) => mode === 'claimed' || takesRoom(mode));
  }

  /** False when the next attempt of a run would run beside more of its slot than it may. */
  hasRoom(run: OpenRun): boolean {
    if (run.attempt === 1) return true;
    const others = this.ofSlot(run.slotKey).filter((other) => other !== run && takesRoom(other.mode));
    return others.length < run.task.policy.runsAtOnce;
  }

  values(): IterableIterator<OpenRun> {
    return this.byUid.values();
  }

  countRunning(): number {
    let count = 0;
    for (const run of this.byUid.values()) if (run.mode === 'running') count += 1;
    return count;
  }
}

export function takesRoom(mode: RunMode): boolean {
  return mode === 'unplaced' || mode === 'launching' || mode === 'running';
}

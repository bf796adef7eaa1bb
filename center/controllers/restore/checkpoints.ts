// The checkpoint in both places: read, compared, moved.
import { newUid } from '../../../base/index.js';
import {
  type Checkpoint,
  checkpointWrite,
  type Found,
  type Operation,
  readCheckpoint,
} from '../../../coordination/index.js';
import type { StoreCheckpoint } from '../../store/restore-book.js';
import type { Leadership } from '../leadership.js';

export interface BothCheckpoints {
  readonly store: StoreCheckpoint | undefined;
  readonly coordination: Found<Checkpoint> | undefined;
}

export class Checkpoints {
  private readonly leadership: Leadership;

  constructor(leadership: Leadership) {
    this.leadership = leadership;
  }

  /** A leader of before cannot write either any more: what is read stands. */
  async read(): Promise<BothCheckpoints> {
    const { coordinator, layout, store } = this.leadership;
    await coordinator.sync(layout.root === '' ? '/' : layout.root);
    const coordination = await readCheckpoint(coordinator, layout);
    return { store: await store.restores.checkpoint(), coordination };
  }

  /**
   * Writes the next checkpoint to both places, the store first. Where coordination was restored the
   * store's number counts. `also` is written to ZooKeeper in the same transaction.
   */
  async move({ store: book, coordination }: BothCheckpoints, also: readonly Operation[] = []): Promise<void> {
    const { store, fence, coordinator, layout, epoch } = this.leadership;
    const behind = book !== undefined && (coordination?.value.number ?? 0) < book.number;
    // It had the mark that the store names as the next one before it was restored: that number is not used a second time.
    const following = behind ? { number: book.number + 1, mark: book.nextMark } : undefined;
    const base = following ?? coordination?.value ?? { number: 0, mark: '' };
    const nextMark = newUid();
    await store.restores.setCheckpoint({ number: base.number, mark: base.mark, nextMark }, fence);
    const next = { number: base.number + 1, mark: nextMark, resourceVersion: store.resourceVersion };
    await coordinator.multi([
      { op: 'check', path: layout.epoch, version: epoch },
      checkpointWrite(layout, coordination, next),
      ...also,
    ]);
  }
}

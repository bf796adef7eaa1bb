// Which of the two places that hold the checkpoint was restored from a backup (rule R13). Pure.
import type { Checkpoint } from '../../../coordination/index.js';
import type { StoreCheckpoint } from '../../store/restore-book.js';

export interface Restored {
  readonly coordination: boolean;
  readonly store: boolean;
}

/**
 * The store is written first, and names the mark that ZooKeeper gets next: so a leader that died between the two writes has
 * left one of two marks there, and only another one tells of a restore. Numbers that would fit with marks that do not are two histories:
 * both places are taken for restored.
 */
export function compareCheckpoints(store: StoreCheckpoint | undefined, coordination: Checkpoint | undefined): Restored {
  if (store === undefined) return { coordination: false, store: coordination !== undefined };
  if (coordination === undefined) return { coordination: store.number > 0, store: false };
  const { number, mark } = coordination;
  const agreed = number === store.number && mark === store.mark;
  const following = number === store.number + 1 && mark === store.nextMark;
  if (agreed || following) return { coordination: false, store: false };
  return { coordination: number <= store.number + 1, store: number >= store.number };
}

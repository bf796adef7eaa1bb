// The keys that move are the same wherever there is something to move in.
import type { ActionOf } from '../keys/keymap.js';

export interface Movable {
  move(by: number): void;
  page(by: number): void;
  to(index: number): void;
  bottom(): void;
}

export const listHandlers: Record<ActionOf<'list'>, (list: Movable) => void> = {
  down: (list) => list.move(1),
  up: (list) => list.move(-1),
  pageDown: (list) => list.page(1),
  pageUp: (list) => list.page(-1),
  top: (list) => list.to(0),
  bottom: (list) => list.bottom(),
};

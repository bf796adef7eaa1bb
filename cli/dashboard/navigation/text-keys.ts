// Keys of what one reads: texts and logs.
import type { ActionOf } from '../keys/keymap.js';
import { listHandlers } from './list-keys.js';

/** What pagers of texts and of logs have in common. */
export interface Readable {
  scroll(rows: number): void;
  page(pages: number): void;
  toTop(): void;
  toEnd(): void;
  sideways(steps: number): void;
  toggleWrap(): void;
  toggleFullScreen(): void;
  nextMatch(): void;
  previousMatch(): void;
  text(): string;
}

/** Where a text can go. */
export interface TextTools {
  readonly copy: (text: string) => void;
  /** To a file of its own. */
  readonly save: (text: string) => void;
}

export const textHandlers: Record<ActionOf<'text'>, (pager: Readable, tools: TextTools) => void> = {
  wrap: (pager) => pager.toggleWrap(),
  fullscreen: (pager) => pager.toggleFullScreen(),
  nextMatch: (pager) => pager.nextMatch(),
  previousMatch: (pager) => pager.previousMatch(),
  copy: (pager, { copy }) => copy(pager.text()),
  save: (pager, { save }) => save(pager.text()),
  left: (pager) => pager.sideways(-1),
  right: (pager) => pager.sideways(1),
};

export function movePager(pager: Readable, action: string): void {
  listHandlers[action as ActionOf<'list'>]({
    move: (by) => pager.scroll(by),
    page: (by) => pager.page(by),
    to: () => pager.toTop(),
    bottom: () => pager.toEnd(),
  });
}

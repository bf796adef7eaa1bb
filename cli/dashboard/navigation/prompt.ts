// The line one types commands and filters into: with the lines typed before, and a suggestion behind what is typed.
import type { Key } from '../keys/key-parser.js';

export type PromptMode = 'command' | 'filter';

export interface PromptParts {
  readonly mode: PromptMode;
  readonly text?: string;
  /** Lines entered before, the latest last. */
  readonly history: readonly string[];
  /** Whole lines that begin with what is typed, the best first. */
  readonly suggest: (text: string) => readonly string[];
  readonly onChange?: (text: string) => void;
  readonly onEnter: (text: string) => void;
  readonly onCancel: () => void;
}

/** Longer lines are no commands and no filters. */
const TEXT_MAX = 500;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export class Prompt {
  readonly mode: PromptMode;
  text: string;
  private readonly parts: PromptParts;
  /** From the end of the history; 0 is what is being typed. */
  private back = 0;
  private typed = '';

  constructor(parts: PromptParts) {
    this.parts = parts;
    this.mode = parts.mode;
    this.text = parts.text ?? '';
  }

  /** What the right arrow or Tab would add. */
  get ghost(): string {
    const [best] = this.text === '' ? [] : this.parts.suggest(this.text);
    return best?.startsWith(this.text) ? best.slice(this.text.length) : '';
  }

  press({ name, text }: Key): void {
    const leaving = name === 'esc' || name === 'ctrl-c' || (name === 'backspace' && this.text === '');
    if (leaving) this.parts.onCancel();
    else if (name === 'enter') this.parts.onEnter(this.text);
    else this.edit(name, text);
  }

  private edit(name: string, text: string | undefined): void {
    const changed = this.edited(name, text);
    if (changed === undefined || changed === this.text) return;
    this.text = changed.slice(0, TEXT_MAX);
    this.parts.onChange?.(this.text);
  }

  private edited(name: string, text: string | undefined): string | undefined {
    if (text !== undefined) return this.text + text;
    if (name === 'backspace')
      return [...graphemes.segment(this.text)]
        .slice(0, -1)
        .map(({ segment }) => segment)
        .join('');
    if (name === 'ctrl-u') return '';
    if (name === 'ctrl-w') return this.text.replace(/\S*\s*$/, '');
    if (name === 'tab' || name === 'right') return this.text + this.ghost;
    if (name === 'up') return this.recall(1);
    if (name === 'down') return this.recall(-1);
    return undefined;
  }

  private recall(by: number): string {
    const { history } = this.parts;
    if (this.back === 0) this.typed = this.text;
    this.back = Math.min(Math.max(0, this.back + by), history.length);
    return this.back === 0 ? this.typed : (history.at(-this.back) ?? '');
  }
}

/** Lines of one kind, each once, the latest last. */
export const HISTORY_MAX = 100;

export function remember(history: readonly string[], line: string): string[] {
  return line === '' ? [...history] : [...history.filter((one) => one !== line), line].slice(-HISTORY_MAX);
}

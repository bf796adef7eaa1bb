// Bytes of the terminal, parted into keys, pastes and movements of the mouse. A sequence may arrive in pieces; whether an
// escape is the key or the beginning of one only time tells, so what is pending is flushed by whoever has the clock.
import { type MouseEvent, parseMouse } from './mouse.js';

export type InputEvent =
  /** One key as the terminal sent it: a character, a control character or an escape sequence. */
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'paste'; readonly text: string }
  | ({ readonly type: 'mouse' } & MouseEvent);

/** What waits for its end: a sequence, which comes at once or never, or a paste, which may take longer. */
export type Pending = 'none' | 'sequence' | 'paste';

const ESC = '\u001b';
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** Nobody types a longer command or filter; what is beyond is dropped. */
const PASTE_MAX = 65_536;
/** No key has a longer sequence: this one is noise. */
const SEQUENCE_MAX = 64;

/** CSI sequences, the `ESC[[A` of the Linux console, SS3, each also behind a second escape (Alt). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const SEQUENCE = /^\u001b{1,2}(?:\[\[[A-E]|\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x5a\x5c-\x7e]|O[\x20-\x7e])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const UNFINISHED = /^\u001b{1,2}(?:\[\[?[\x30-\x3f]*[\x20-\x2f]*|O)?$/;

export class InputSplitter {
  private rest = '';
  /** Text of the paste that has begun. */
  private paste: string | undefined;

  get pending(): Pending {
    if (this.paste !== undefined) return 'paste';
    return this.rest === '' ? 'none' : 'sequence';
  }

  push(text: string): InputEvent[] {
    this.rest += text;
    const events: InputEvent[] = [];
    for (let event = this.next(); event !== undefined; event = this.next()) add(events, event);
    return events;
  }

  /** What was pending is all there is. */
  flush(): InputEvent[] {
    const { paste, rest } = this;
    this.paste = undefined;
    this.rest = '';
    if (paste !== undefined) return [{ type: 'paste', text: (paste + rest).slice(0, PASTE_MAX) }];
    return rest === '' ? [] : [{ type: 'key', key: rest }];
  }

  /** Undefined when the rest is not enough for an event. */
  private next(): InputEvent | undefined {
    if (this.paste !== undefined) return this.nextPaste(this.paste);
    if (this.rest.startsWith(PASTE_BEGIN)) {
      this.take(PASTE_BEGIN.length);
      return this.nextPaste('');
    }
    const key = this.nextKey();
    if (key === undefined) return undefined;
    this.take(key.length);
    const mouse = parseMouse(key);
    return mouse === undefined ? { type: 'key', key } : { type: 'mouse', ...mouse };
  }

  private nextKey(): string | undefined {
    const { rest } = this;
    if (!rest.startsWith(ESC)) return characterAt(rest, 0);
    const sequence = SEQUENCE.exec(rest)?.[0];
    if (sequence !== undefined) return sequence;
    if (UNFINISHED.test(rest) && rest.length <= SEQUENCE_MAX) return undefined;
    return ESC + (characterAt(rest, 1) ?? ''); // Alt and a character
  }

  private nextPaste(before: string): InputEvent | undefined {
    const end = this.rest.indexOf(PASTE_END);
    if (end >= 0) {
      const text = (before + this.rest.slice(0, end)).slice(0, PASTE_MAX);
      this.take(end + PASTE_END.length);
      this.paste = undefined;
      return { type: 'paste', text };
    }
    // The end may be cut in two: as much as could be its beginning stays.
    const certain = Math.max(0, this.rest.length - PASTE_END.length + 1);
    this.paste = (before + this.rest.slice(0, certain)).slice(0, PASTE_MAX);
    this.take(certain);
    return undefined;
  }

  private take(length: number): void {
    this.rest = this.rest.slice(length);
  }
}

/** Turns of the wheel come in swarms: those of one moment are one event, so that they cost one frame. */
function add(events: InputEvent[], event: InputEvent): void {
  const last = events.at(-1);
  if (event.type === 'mouse' && event.button === 'wheel' && last?.type === 'mouse' && last.button === 'wheel') {
    events[events.length - 1] = { ...event, turns: last.turns + event.turns };
  } else events.push(event);
}

function characterAt(text: string, index: number): string | undefined {
  const point = text.codePointAt(index);
  return point === undefined ? undefined : String.fromCodePoint(point);
}

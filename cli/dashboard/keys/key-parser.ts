// One key of the terminal session by the name that the help calls it: `j`, `shift-n`, `ctrl-d`, `up`, `esc`, `space`.

export interface Key {
  readonly name: string;
  /** What it writes into a text; absent for keys that do not write. Of a paste, all of it. */
  readonly text?: string;
}

/** What is pasted into a prompt is a name or a pattern; of more than this the rest is not kept. */
const PASTE_MAX = 4096;

/** By the final letter of `CSI … letter` and `SS3 letter`. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', F: 'end', H: 'home', Z: 'shift-tab' },
};
/** By the number of `CSI number ~`. */
const NUMBERS: Readonly<Record<string, string>> = {
  ...{ 1: 'home', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end' },
};
const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u001b': 'esc',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0000': 'ctrl-space',
  '\u001c': 'ctrl-\\',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send escape sequences
const SEQUENCE = /^\u001b(?:\[([0-9;]*)([A-Za-z~])|O([A-Za-z]))$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** Undefined for what is no key here. @param read one key as the session gives it. */
export function parseKey(read: string): Key | undefined {
  const control = CONTROLS[read];
  if (control !== undefined) return { name: control };
  if (read.startsWith('\u001b')) {
    const [, parameters = '', final, letter] = SEQUENCE.exec(read) ?? [];
    const name = letter !== undefined ? LETTERS[letter] : sequenceName(parameters, final ?? '');
    return name === undefined ? undefined : { name };
  }
  const code = read.codePointAt(0) ?? 0;
  if (code < 0x20) return { name: `ctrl-${String.fromCharCode(code + 0x60)}` };
  if (read === ' ') return { name: 'space', text: ' ' };
  if (/^[A-Z]$/.test(read)) return { name: `shift-${read.toLowerCase()}`, text: read };
  return { name: read, text: read };
}

/** One line, without anything that controls. */
export function pasteKey(text: string): Key {
  return { name: 'paste', text: text.slice(0, PASTE_MAX).replace(CONTROL, ' ').trim() };
}

/** `1;2C` is shift-right. */
function sequenceName(parameters: string, final: string): string | undefined {
  const [number = '', modifier = '1'] = parameters.split(';');
  const name = final === '~' ? NUMBERS[number] : LETTERS[final];
  const bits = Number(modifier) - 1;
  if (name === undefined || !(bits > 0)) return name;
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 1 ? 'shift-' : ''}${name}`;
}

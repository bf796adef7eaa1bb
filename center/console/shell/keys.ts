// Every key of the console that is no button's: one table for what they do and for the help that lists them.

/** What Macs have in the place of Ctrl. */
export const CONTROL = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '') ? '⌘' : 'Ctrl';
export const COMMAND_KEY = `${CONTROL} K`;

export type KeyAction = 'palette' | 'help' | 'search' | { readonly go: string };

interface KeyRow {
  /** Pressed together, or one after the other. */
  readonly keys: readonly string[];
  readonly says: string;
  readonly action: KeyAction;
  /** With Ctrl, or Cmd on a Mac; keys of letters alone can be switched off (WCAG 2.1.4). */
  readonly control?: true;
}

const go = (key: string, path: string, name: string): KeyRow => ({
  keys: ['g', key],
  says: `Go to ${name}`,
  action: { go: path },
});

export const KEYS: readonly KeyRow[] = [
  { keys: ['k'], control: true, says: 'Commands, pages and tasks by name', action: 'palette' },
  { keys: ['?'], says: 'These keys', action: 'help' },
  { keys: ['/'], says: 'Search in the list', action: 'search' },
  go('o', '/', 'Overview'),
  go('t', '/tasks', 'Tasks'),
  go('r', '/runs', 'Runs'),
  go('a', '/agents', 'Agents'),
  go('c', '/clusters', 'Clusters'),
  go('n', '/notifiers', 'Notifiers'),
  go('e', '/events', 'Events'),
  go('u', '/access', 'Access'),
  go('w', '/audit', 'Audit'),
  go('s', '/settings', 'Settings'),
];

/** Longer than this between two keys, and they are two. */
const SEQUENCE_MS = 1200;
const LETTERS_KEY = 'ctask.keys';

export function lettersOn(): boolean {
  return localStorage.getItem(LETTERS_KEY) !== 'off';
}

export function switchLetters(on: boolean): void {
  localStorage.setItem(LETTERS_KEY, on ? 'on' : 'off');
}

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Follows what is pressed, one key after the other. */
export class KeyReader {
  private before: { readonly key: string; readonly at: number } | undefined;

  /** @param at ms; @param letters whether keys without Ctrl count: not while somebody types */
  read({ key, ctrlKey, metaKey, altKey }: Pressed, at: number, letters: boolean): KeyAction | undefined {
    const { before } = this;
    this.before = undefined;
    if (altKey) return undefined;
    if (ctrlKey || metaKey) return KEYS.find((row) => row.control && row.keys[0] === key.toLowerCase())?.action;
    if (!letters) return undefined;
    const plain = KEYS.filter(({ control }) => control === undefined);
    if (before !== undefined && at - before.at <= SEQUENCE_MS) {
      const both = plain.find(({ keys }) => keys[0] === before.key && keys[1] === key);
      if (both !== undefined) return both.action;
    }
    if (plain.some(({ keys }) => keys.length > 1 && keys[0] === key)) this.before = { key, at };
    return plain.find(({ keys }) => keys.length === 1 && keys[0] === key)?.action;
  }
}

// Colours that programs write for terminals, as parts with names of classes.
import Anser from 'anser';

export interface AnsiPart {
  readonly text: string;
  readonly classes: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What can be read of it: for searching. */
export function plainText(text: string): string {
  return text.includes('\u001b') ? text.replace(SEQUENCE, '') : text;
}

/** Of most lines there is one part, without any class. */
export function ansiParts(text: string): readonly AnsiPart[] {
  if (!text.includes('\u001b')) return [{ text, classes: '' }];
  const parts = Anser.ansiToJson(text, { use_classes: true, remove_empty: true });
  return parts.map(({ content, fg, bg, decorations }) => ({
    text: content.replace(SEQUENCE, ''),
    classes: [fg, bg && `${bg}-bg`, ...decorations.map((name) => `ansi-${name}`)].filter(Boolean).join(' '),
  }));
}

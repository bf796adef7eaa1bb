// A command line that is being typed: which command it is, and what its last word is going to be.
import type { Command, Option } from 'commander';

export interface TypedLine {
  readonly command: Command;
  /** Arguments before the last word, without flags and their values. */
  readonly arguments: readonly string[];
  /** Values of flags before the last word, by their name as commander keeps it: `namespace`. */
  readonly values: Readonly<Record<string, string>>;
  /** What stands in the last word already. */
  readonly partial: string;
  /** What the last word is. */
  readonly expects:
    | { readonly what: 'flag' }
    /** `lead` is the part before the value in the same word: `--output=`. */
    | { readonly what: 'value'; readonly option: Option; readonly lead: string }
    | { readonly what: 'argument' }
    /** An argument of the program that a task starts: nobody knows. */
    | { readonly what: 'unknown' };
}

/** Reads `words` (without `ctask`; the last one is being typed and may be empty). */
export function understand(program: Command, words: readonly string[]): TypedLine {
  let command = program;
  const seen: string[] = [];
  const values: Record<string, string> = {};
  const partial = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  for (let i = 0; i < before.length; i++) {
    const word = before[i] ?? '';
    if (word === '--') return { command, arguments: seen, values, partial, expects: { what: 'unknown' } };
    if (word.startsWith('-') && word !== '-') {
      const option = optionOf(command, word);
      if (option === undefined || !(option.required || option.optional)) continue;
      const at = word.indexOf('=');
      if (at !== -1) values[option.attributeName()] = word.slice(at + 1);
      else if (option.required) {
        if (i === before.length - 1) {
          return { command, arguments: seen, values, partial, expects: { what: 'value', option, lead: '' } };
        }
        values[option.attributeName()] = before[++i] ?? '';
      }
      continue;
    }
    const inner = seen.length === 0 ? childOf(command, word) : undefined;
    if (inner === undefined) seen.push(word);
    else command = inner;
  }
  return { command, arguments: seen, values, ...lastWord(command, partial) };
}

function lastWord(command: Command, word: string): Pick<TypedLine, 'partial' | 'expects'> {
  const at = word.indexOf('=');
  const option = word.startsWith('-') && at !== -1 ? optionOf(command, word) : undefined;
  if (option !== undefined) {
    return { partial: word.slice(at + 1), expects: { what: 'value', option, lead: word.slice(0, at + 1) } };
  }
  return { partial: word, expects: { what: word.startsWith('-') ? 'flag' : 'argument' } };
}

export function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((inner) => inner.name() === word || inner.aliases().includes(word));
}

/** Flags that a command takes: its own, then those of the commands above it. */
export function optionsOf(command: Command): Option[] {
  const all: Option[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const option of at.options) {
      if (!option.hidden && !all.some(({ long }) => long !== undefined && long === option.long)) all.push(option);
    }
  }
  return all;
}

function optionOf(command: Command, word: string): Option | undefined {
  const name = word.split('=', 1)[0];
  return optionsOf(command).find(({ long, short }) => long === name || short === name);
}

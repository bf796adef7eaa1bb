// What is typed behind `:`. A kind by any of its names, with a namespace, a filter, labels or a context behind it; or one of
// the words below.
import { findResource, type Resource } from '../../client/discovery.js';
import { closest } from '../../output/suggest.js';

/** Words that are no kinds. The first one of a row is what the help shows. */
export const commandWords = [
  { names: ['help', 'h'], help: 'Keys and commands' },
  { names: ['alias', 'aliases'], help: 'Names of kinds' },
  { names: ['ctx', 'context', 'contexts'], help: 'Contexts, or to one' },
  { names: ['pulses', 'pulse', 'pu'], help: 'All at a glance' },
  { names: ['timeline', 'tl'], help: 'What ran, what is due' },
  { names: ['xray', 'x'], help: 'Tree: xray tasks' },
  { names: ['doctor', 'dr'], help: 'What is wrong' },
  { names: ['suspend'], help: 'To the shell; fg' },
  { names: ['quit', 'q', 'q!', 'exit'], help: 'Quit' },
] as const;

export type CommandName = (typeof commandWords)[number]['names'][0];

export interface KindCommand {
  readonly resource: Resource;
  /** `all` for all of them; undefined: the one in use. */
  readonly namespace?: string;
  readonly filter?: string;
  readonly labelSelector?: string;
  readonly context?: string;
}

export type ParsedCommand =
  | { readonly command: CommandName; readonly argument: string }
  | { readonly kind: KindCommand }
  /** A sentence about what is wrong. */
  | { readonly wrong: string };

export type Aliases = ReadonlyMap<string, string>;
const NO_ALIASES: Aliases = new Map();

export function parseCommand(
  line: string,
  resources: readonly Resource[],
  aliases: Aliases = NO_ALIASES,
): ParsedCommand {
  const text = expanded(line.trim(), aliases);
  const [word = '', ...rest] = text.split(/\s+/);
  const name = word.toLowerCase();
  const row = commandWords.find(({ names }) => (names as readonly string[]).includes(name));
  if (row !== undefined) return { command: row.names[0], argument: rest.join(' ') };
  const resource = findResource(resources, name);
  if (resource === undefined) return { wrong: unknownWords(word, resources, aliases) };
  return { kind: { resource, ...suffixes(text.slice(word.length).trim()) } };
}

/** The line that the user has given the first word; once, so that no alias can lead to itself. */
function expanded(text: string, aliases: Aliases): string {
  const [word = ''] = text.split(/\s/, 1);
  const line = aliases.get(word);
  return line === undefined ? text : `${line}${text.slice(word.length)}`.trim();
}

/** `ns`, `/filter`, `k=v` and `@context`, in any order; the filter goes to the end of the line. */
function suffixes(text: string): Omit<KindCommand, 'resource'> {
  const slash = text.search(/(^|\s)\//);
  const words = (slash === -1 ? text : text.slice(0, slash)).split(/\s+/).filter((word) => word !== '');
  const filter = slash === -1 ? undefined : text.slice(text.indexOf('/', slash) + 1);
  const context = words.find((word) => word.startsWith('@'))?.slice(1);
  const labelSelector = words.filter((word) => /[=!]/.test(word)).join(',');
  const namespace = words.find((word) => !/[=!@]/.test(word));
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(filter === undefined ? {} : { filter }),
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(context === undefined ? {} : { context }),
  };
}

function unknownWords(word: string, resources: readonly Resource[], aliases: Aliases): string {
  const near = closest(word, [...allNames(resources), ...aliases.keys()]);
  return `no view or kind "${word}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

function allNames(resources: readonly Resource[]): string[] {
  const kinds = resources.flatMap(({ name, singularName, shortNames = [] }) => [name, singularName, ...shortNames]);
  return [...commandWords.flatMap(({ names }) => [...names]), ...kinds];
}

export interface SuggestionSource {
  readonly resources: readonly Resource[];
  readonly namespaces: readonly string[];
  readonly contexts: readonly string[];
  readonly aliases?: Aliases;
}

/** Whole lines that begin with `line`: names of views and kinds, then namespaces or contexts. */
export function suggestCommands(line: string, source: SuggestionSource): string[] {
  const { resources, namespaces, contexts, aliases = NO_ALIASES } = source;
  const words = line.split(' ');
  const last = words.at(-1) ?? '';
  const head = line.slice(0, line.length - last.length);
  const starting = (names: readonly string[]) => names.filter((name) => name.startsWith(last) && name !== last);
  if (words.length === 1) {
    const plain = [
      ...commandWords.map(({ names }) => names[0]),
      ...resources.map(({ name }) => name),
      ...aliases.keys(),
    ];
    return starting(plain).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }
  if (/^(ctx|contexts?)$/.test(words[0] ?? '')) return starting(contexts).map((name) => head + name);
  if (last.startsWith('@')) return starting(contexts.map((name) => `@${name}`)).map((name) => head + name);
  if (last === '' || last.startsWith('/')) return [];
  return starting(['all', ...namespaces]).map((name) => head + name);
}

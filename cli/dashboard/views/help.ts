// The help: blocks of keys, commands and filters, in as many columns as there is room for. What a screen has of its own is first.
import { type Group, type KeyPlace, type KeyRow, keysOf, keyWords } from '../keys/keymap.js';
import { commandWords } from '../navigation/commands.js';
import { cellsOf, fit, fitLine, type Line, lineCells, shorten } from '../text/line.js';

interface HelpEntry {
  readonly key: string;
  readonly words: string;
}

export interface HelpBlock {
  readonly title: string;
  readonly entries: readonly HelpEntry[];
}

const GROUPS: readonly Group[] = ['Resource', 'Plugins', 'Text', 'General', 'Table', 'Navigation'];
const GAP = 2;
/** With more than this beside one another all columns would be as wide. */
const ALIAS_MAX = 32;

/** What the user has added to keys and commands. */
export interface OwnHelp {
  readonly plugins: readonly KeyRow[];
  readonly aliases: ReadonlyMap<string, string>;
}

const NOTHING: OwnHelp = { plugins: [], aliases: new Map() };

const COMMANDS: HelpBlock = {
  title: 'Commands',
  entries: [
    { key: ':KIND', words: 'Its table; see :alias' },
    { key: ':KIND NS', words: 'In a namespace, or all' },
    { key: ':KIND /TEXT', words: 'Filtered' },
    { key: ':KIND K=V', words: 'By labels' },
    { key: ':KIND @CTX', words: 'In another context' },
    ...commandWords.map(({ names, help }) => ({ key: `:${names[0]}`, words: help })),
  ],
};

const FILTERS: HelpBlock = {
  title: 'Filters',
  entries: [
    { key: '/text', words: 'Regular expression' },
    { key: '/!text', words: 'What does not match it' },
    { key: '/-l a=b', words: 'Labels' },
    { key: '/-f abc', words: 'Letters in this order' },
  ],
};

const SEARCH: HelpBlock = {
  title: 'Search',
  entries: [
    { key: '/text', words: 'Regular expression' },
    { key: '/Text', words: 'Capitals count' },
  ],
};

/** @param place whose keys they are. */
export function helpBlocks(place: KeyPlace, readOnly: boolean, own: OwnHelp = NOTHING): HelpBlock[] {
  const rows = [...keysOf(place, readOnly), ...own.plugins.filter(({ writes }) => !(writes && readOnly))];
  const { scopes } = place;
  const looked = scopes.includes('table') ? [FILTERS] : scopes.includes('text') ? [SEARCH] : [];
  return [
    ...GROUPS.map((group) => ({ title: group, entries: rows.filter((row) => row.group === group).map(keyEntry) })),
    ...looked,
    COMMANDS,
    { title: 'Aliases', entries: aliasEntries(own.aliases) },
  ].filter(({ entries }) => entries.length > 0);
}

function aliasEntries(aliases: ReadonlyMap<string, string>): HelpEntry[] {
  const room = ALIAS_MAX - Math.max(0, ...[...aliases.keys()].map(cellsOf));
  return [...aliases].map(([name, line]) => ({ key: `:${name}`, words: shorten(line, Math.max(room, 1)) }));
}

const keyEntry = (row: KeyRow): HelpEntry => ({ key: `<${keyWords(row)}>`, words: row.help });

/** All of it, each line as wide as the window. */
export function helpLines(blocks: readonly HelpBlock[], width: number): Line[] {
  const drawn = blocks.map(blockLines);
  for (let count = drawn.length; count > 1; count -= 1) {
    const stacks = stacked(drawn, count);
    const widths = stacks.map(widthOf);
    if (widths.reduce((sum, cells) => sum + cells, 0) <= width) return sideBySide(stacks, widths, width);
  }
  return drawn.flat().map((line) => fitLine(line, width));
}

function blockLines({ title, entries }: HelpBlock): Line[] {
  const keys = Math.max(...entries.map(({ key }) => cellsOf(key)));
  const rows = entries.map(
    ({ key, words }): Line => [{ text: ` ${fit(key, keys)}`, meaning: 'key' }, { text: `  ${words}` }],
  );
  return [[{ text: ` ${title.toUpperCase()}`, meaning: 'title', bold: true }], ...rows, []];
}

const widthOf = (stack: readonly Line[]): number => Math.max(...stack.map(lineCells)) + GAP;

/** The blocks in their order in so many stacks, the highest of which is as low as can be. */
function stacked(blocks: readonly Line[][], count: number): Line[][] {
  if (count === 1) return [blocks.flat()];
  let best: Line[][] = [];
  for (let taken = 1; taken <= blocks.length - count + 1; taken += 1) {
    const stacks = [blocks.slice(0, taken).flat(), ...stacked(blocks.slice(taken), count - 1)];
    if (best.length === 0 || heightOf(stacks) < heightOf(best)) best = stacks;
  }
  return best;
}

const heightOf = (stacks: readonly Line[][]): number => Math.max(...stacks.map(({ length }) => length));

/** What is left of the width stands between the columns. */
function sideBySide(stacks: readonly Line[][], widths: readonly number[], width: number): Line[] {
  const spare = Math.floor((width - widths.reduce((sum, cells) => sum + cells, 0)) / stacks.length);
  return Array.from({ length: heightOf(stacks) }, (_, row) =>
    fitLine(
      stacks.flatMap((stack, column) => fitLine(stack[row] ?? [], (widths[column] ?? 0) + spare)),
      width,
    ),
  );
}

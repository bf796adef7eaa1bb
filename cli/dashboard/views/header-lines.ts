// The top of the screen: where one is, how the installation does, and the keys that matter here.
import { safeCell } from '../../output/terminal-safety.js';
import { type KeyRow, keyWords } from '../keys/keymap.js';
import type { AgentCounts, NextRun } from '../state/installation.js';
import { cellsOf, fit, fitLine, type Line, lineCells, type Span, shorten } from '../text/line.js';
import { distance } from './times.js';

export interface HeaderModel {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  readonly version: string;
  readonly serverVersion: string | undefined;
  readonly readOnly: boolean;
  readonly protected: boolean;
  /** Undefined while nothing is known. */
  readonly agents: AgentCounts | undefined;
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  /** There are more of either. */
  readonly runsCut: boolean;
  readonly nextRun: NextRun | undefined;
  /** Namespaces behind the keys 1 to 9; none where these keys do something else. */
  readonly favourites: readonly string[];
  readonly hints: readonly KeyRow[];
}

export const HEADER_HEIGHT = 6;
/** What the facts may take; the keys get the rest. Figures are never cut for a key. */
const FACTS_SHARE = 0.46;
/** Lines of the facts from which on they are figures. */
const FIGURES_FROM = 3;
const NAMESPACES_WIDTH = 18;
const COLUMN_GAP = 2;

/** @param staleSince since then the figures are not current. */
export function headerLines(model: HeaderModel, width: number, now: number, staleSince?: number): Line[] {
  const facts = factLines(model, Math.min(now, staleSince ?? now), staleSince !== undefined);
  const cells = (lines: readonly Line[]): number => Math.max(...lines.map(lineCells)) + COLUMN_GAP + 1;
  const needed = cells(facts);
  const share = Math.min(needed, Math.max(Math.floor(width * FACTS_SHARE), cells(facts.slice(FIGURES_FROM))));
  const blocks = fittingBlocks(model, width - share);
  // What no key has room for, the facts may have.
  const factsWidth = Math.min(needed, width - blocks.reduce((sum, block) => sum + blockCells(block), 0));
  const next = model.nextRun === undefined ? '' : ` ${safeCell(model.nextRun.task)}`;
  facts[facts.length - 1]?.push(...nextName(next, factsWidth - COLUMN_GAP - lineCells(facts.at(-1) ?? [])));
  const rows = facts.map((fact) => [...fitLine(trimmed(fact, factsWidth - COLUMN_GAP), factsWidth)]);
  for (const block of blocks) {
    const blockWidth = blockCells(block);
    for (const [i, row] of rows.entries()) row.push(...fitLine(block[i] ?? [], blockWidth));
  }
  return rows.map((row) => fitLine(row, width));
}

/** Less of a name says nothing. */
const NAME_LEAST = 8;

function nextName(name: string, room: number): Span[] {
  return name === '' || room < Math.min(NAME_LEAST, cellsOf(name))
    ? []
    : [{ text: shorten(name, room), meaning: 'dim' }];
}

/** So that what is cut keeps its distance from the keys beside it. */
const trimmed = (line: Line, width: number): Line => (lineCells(line) > width ? fitLine(line, width) : line);

/** Where not all keys have room, the last one is that of the help. */
function fittingBlocks({ favourites, hints }: Pick<HeaderModel, 'favourites' | 'hints'>, room: number): Line[][] {
  const namespaces = namespaceBlock(favourites);
  const fitting = (shown: readonly KeyRow[]): number => {
    const blocks = [...namespaces, ...hintBlocks(shown)];
    let used = 0;
    const cut = blocks.findIndex((block) => {
      used += blockCells(block);
      return used > room;
    });
    return cut === -1 ? blocks.length : cut;
  };
  const all = [...namespaces, ...hintBlocks(hints)];
  const count = fitting(hints);
  if (count === all.length) return all;
  // Digits without any other key would be the wrong half.
  if (count <= namespaces.length) return favourites.length === 0 ? [] : fittingBlocks({ hints, favourites: [] }, room);
  const shown = hints.slice(0, (count - namespaces.length) * HEADER_HEIGHT);
  const help = hints.find(({ action }) => action === 'help');
  if (help !== undefined && !shown.includes(help)) shown.splice(-1, 1, help);
  return [...namespaces, ...hintBlocks(shown)].slice(0, fitting(shown));
}

const blockCells = (block: readonly Line[]): number => Math.max(...block.map(lineCells)) + COLUMN_GAP;

function factLines(model: HeaderModel, now: number, stale: boolean): Span[][] {
  const { agents, running, waiting, runsCut, nextRun, version, serverVersion } = model;
  const fact = (label: string, ...value: Span[]): Span[] => [{ text: ` ${fit(label, 9)}`, meaning: 'title' }, ...value];
  const count = (value: number | undefined) => (value === undefined ? '–' : String(value));
  const due = nextRun === undefined ? '–' : distance(Math.max(nextRun.time, now + 1), now);
  const figure = (...value: Span[]): Span[] => (stale ? value.map(({ text }) => ({ text, meaning: 'dim' })) : value);
  return [
    fact('Context', { text: safeCell(model.context), bold: true }, ...markSpans(model), {
      text: ` as ${safeCell(model.user)}`,
    }),
    fact('Server', { text: safeCell(model.server) }),
    fact(
      'Version',
      { text: version },
      // That both are the same is nothing to read about.
      ...(serverVersion === undefined || serverVersion === version
        ? []
        : [{ text: `, center ${safeCell(serverVersion)}`, meaning: 'warn' as const }]),
    ),
    fact('Agents', ...figure(...agentSpans(agents))),
    fact(
      'Runs',
      ...figure({ text: `${runsCut ? 'at least ' : ''}${count(running)} running, ${count(waiting)} waiting` }),
    ),
    fact('Next run', ...figure({ text: due })),
  ];
}

const PROTECTED: Span = { text: ' [PROTECTED]', meaning: 'bad', bold: true };
const READ_ONLY: Span = { text: ' [RO]', meaning: 'warn', bold: true };

function agentSpans(agents: HeaderModel['agents']): Span[] {
  if (agents === undefined) return [{ text: '–' }];
  const { ready, total, cordoned } = agents;
  return [
    { text: `${ready}/${total} ready`, meaning: ready === total && total > 0 ? 'plain' : 'bad' },
    ...(cordoned === 0 ? [] : [{ text: `, ${cordoned} cordoned`, meaning: 'warn' as const }]),
  ];
}

const markSpans = ({ readOnly, protected: guarded }: HeaderModel): Span[] => [
  ...(readOnly ? [READ_ONLY] : []),
  ...(guarded ? [PROTECTED] : []),
];

/** `prod [RO] [PROTECTED]`, for the title line of screens that show no header. */
export const placeSpans = (model: HeaderModel): Span[] => [
  { text: safeCell(model.context), meaning: 'dim' },
  ...markSpans(model),
];

function namespaceBlock(favourites: readonly string[]): Line[][] {
  if (favourites.length === 0) return [];
  const all = ['all', ...favourites].slice(0, HEADER_HEIGHT);
  return [all.map((name, i) => hint(String(i), shortName(safeCell(name))))];
}

const shortName = (name: string): string => (cellsOf(name) > NAMESPACES_WIDTH ? fit(name, NAMESPACES_WIDTH) : name);

/** Columns as high as the header, the keys of a column aligned. */
function hintBlocks(hints: readonly KeyRow[]): Line[][] {
  const blocks: Line[][] = [];
  for (let i = 0; i < hints.length; i += HEADER_HEIGHT) {
    const block = hints.slice(i, i + HEADER_HEIGHT);
    const keyWidth = Math.max(...block.map((row) => cellsOf(keyWords(row, false)))) + 2;
    blocks.push(block.map((row) => hint(keyWords(row, false), row.help, keyWidth)));
  }
  return blocks;
}

function hint(key: string, words: string, width = 0): Line {
  return [
    { text: fit(`<${key}>`, Math.max(width, cellsOf(key) + 2)), meaning: 'key' },
    { text: ` ${words}`, meaning: 'dim' },
  ];
}

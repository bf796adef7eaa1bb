// A little meaning for YAML, descriptions and differences, line by line: keys and states stand out, other values stay as they are.
import { escapeControls } from '../../output/terminal-safety.js';
import { STATUSES, statusMeaning } from '../views/glyphs.js';
import type { Line, Span } from './line.js';
import { expandTabs } from './sgr.js';
import { joinSpans } from './spans.js';

export type Syntax = 'plain' | 'yaml' | 'description' | 'diff';

/** The beginning of a longer line is shown. */
const LINE_MAX = 16_384;

/** Lines of a text, harmless ones whatever it holds. */
export function highlightText(text: string, syntax: Syntax): Line[] {
  const raw = text.endsWith('\n') ? text.slice(0, -1) : text;
  const safe = raw.split(/\r\n|\n|\r/).map((line) => expandTabs(escapeControls(shortened(line))));
  if (syntax === 'yaml') return yamlLines(safe);
  const one = { description: descriptionLine, diff: diffLine, plain: (line: string): Line => [{ text: line }] }[syntax];
  return safe.map(one);
}

function shortened(line: string): string {
  return line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line;
}

const YAML_KEY = /^(\s*(?:- )*)((?:"[^"]*"|'[^']*'|[^\s#'"[\]{},&*!|>%@-][^#:]*|-[^\s:#][^#:]*))(:)(?= |$)(.*)$/;
const BLOCK_SCALAR = /[|>][+-]?\d?[+-]?\s*$/;
const LITERAL = /^\s*(?:-?\d+(?:\.\d+)?|true|false|null|~)\s*$/;

/** Block scalars (`|`) are text: what looks like a key in them is none. */
function yamlLines(lines: readonly string[]): Line[] {
  let textDeeperThan: number | undefined;
  return lines.map((line) => {
    const indent = line.search(/\S/);
    if (textDeeperThan !== undefined) {
      if (indent === -1 || indent > textDeeperThan) return [{ text: line }];
      textDeeperThan = undefined;
    }
    if (/^\s*#/.test(line) || line === '---') return [{ text: line, meaning: 'dim' }];
    const [, lead = '', key, colon = '', value = ''] = YAML_KEY.exec(line) ?? [];
    if (BLOCK_SCALAR.test(key === undefined ? line : value)) textDeeperThan = indent;
    if (key === undefined) return yamlItem(line);
    return spansOf({ text: lead }, { text: key, meaning: 'key' }, { text: colon, meaning: 'dim' }, yamlValue(value));
  });
}

function yamlItem(line: string): Line {
  const [, dash = '', value = line] = /^(\s*(?:- )+)(.*)$/.exec(line) ?? [];
  return spansOf({ text: dash, meaning: 'dim' }, yamlValue(value));
}

function yamlValue(text: string): Span {
  return LITERAL.test(text) ? { text, meaning: 'accent' } : { text };
}

const DESCRIPTION_KEY = /^(\s*)([A-Z][A-Za-z0-9 -]{0,38}:)(\s.*|)$/;
/** A row of a table's headers: at least two of them, each beginning with a capital, two blanks apart. */
const HEADERS = /^ {2}[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)*( {2,}[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)*)+$/;

function descriptionLine(line: string): Line {
  if (HEADERS.test(line)) return [{ text: line, meaning: 'dim' }];
  const [, lead = '', key, value = ''] = DESCRIPTION_KEY.exec(line) ?? [];
  if (key === undefined) return spansOf(...cells(line));
  return spansOf({ text: lead }, { text: key, meaning: 'key' }, ...cells(value));
}

const states: ReadonlySet<string> = new Set(STATUSES);

/** Cells are two blanks apart; one that is a state, and nothing else, says it. */
function cells(text: string): Span[] {
  return text.split(/( {2,})/).map((cell): Span => {
    const word = cell.trim();
    return states.has(word) ? { text: cell, meaning: statusMeaning(word) } : { text: cell };
  });
}

function diffLine(line: string): Line {
  if (/^(---|\+\+\+|diff )/.test(line)) return [{ text: line, meaning: 'dim' }];
  if (line.startsWith('@@')) return [{ text: line, meaning: 'accent' }];
  if (line.startsWith('+')) return [{ text: line, meaning: 'ok' }];
  return [line.startsWith('-') ? { text: line, meaning: 'bad' } : { text: line }];
}

function spansOf(...spans: readonly Span[]): Line {
  const some = joinSpans(spans.filter(({ text }) => text !== ''));
  return some.length === 0 ? [{ text: '' }] : some;
}

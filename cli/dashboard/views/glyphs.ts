// A status as glyph, word and meaning: one table for every screen, so that no status is told by colour alone (T-50).
// The glyphs take one cell everywhere: none of them is an emoji, or of ambiguous width in East Asian terminals.
import type { Meaning, Span } from '../text/line.js';

interface Glyph {
  readonly unicode: string;
  readonly ascii: string;
  readonly meaning: Meaning;
}

const row = (unicode: string, ascii: string, meaning: Meaning): Glyph => ({ unicode, ascii, meaning });

const glyphs: Readonly<Record<string, Glyph>> = {
  // Runs
  Pending: row('◌', 'o', 'dim'),
  Queued: row('◌', 'o', 'active'),
  Running: row('◉', '*', 'active'),
  Succeeded: row('✓', '+', 'ok'),
  Failed: row('✗', 'x', 'bad'),
  TimedOut: row('⧗', 't', 'bad'),
  Cancelled: row('⊘', 'c', 'warn'),
  Skipped: row('-', '-', 'dim'),
  Missed: row('!', '!', 'warn'),
  Lost: row('?', '?', 'bad'),
  // Tasks
  Active: row('✓', '+', 'ok'),
  Healthy: row('✓', '+', 'ok'),
  Suspended: row('⊖', '=', 'dim'),
  Complete: row('∎', '#', 'dim'),
  Degraded: row('!', '!', 'warn'),
  Unallocated: row('!', '!', 'warn'),
  Invalid: row('✗', 'x', 'bad'),
  Terminating: row('⨯', '~', 'dim'),
  // Agents and clusters
  Ready: row('✓', '+', 'ok'),
  NotReady: row('✗', 'x', 'bad'),
  NoAgents: row('✗', 'x', 'bad'),
  // Notifiers, besides Ready
  Failing: row('!', '!', 'warn'),
  // What the doctor finds, besides warnings
  Error: row('✗', 'x', 'bad'),
  Note: row('i', 'i', 'dim'),
  // Events
  Normal: row('✓', '+', 'ok'),
  Warning: row('!', '!', 'warn'),
};

const UNKNOWN = row(' ', ' ', 'plain');
const BUT = row('!', '!', 'warn');

/** Every status that has a glyph. */
export const STATUSES: readonly string[] = Object.keys(glyphs);

function glyphOf(words: string): Glyph {
  const [first = ''] = words.split(',');
  return Object.hasOwn(glyphs, first) ? (glyphs[first] ?? UNKNOWN) : UNKNOWN;
}

/** Of several words (`Ready,SchedulingDisabled`) the first one decides, unless it is good and another one follows. */
export function statusMeaning(words: string): Meaning {
  const { meaning } = glyphOf(words);
  return meaning === 'ok' && words.includes(',') ? 'warn' : meaning;
}

/** One cell; a blank for a word that is unknown here. What is good but for a second word is not told by its colour alone. */
export function statusGlyph(words: string, ascii: boolean): Span {
  const meaning = statusMeaning(words);
  const own = glyphOf(words);
  const { unicode, ascii: plain } = meaning === own.meaning ? own : BUT;
  return { text: ascii ? plain : unicode, meaning };
}

/** `✓ Active`; `! Active` where something else is wrong. */
export function statusText(words: string, ascii: boolean, wrong = false): string {
  const { text, meaning } = statusGlyph(words, ascii);
  return `${wrong && meaning === 'ok' ? (ascii ? BUT.ascii : BUT.unicode) : text} ${words}`;
}

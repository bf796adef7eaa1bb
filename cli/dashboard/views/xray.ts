// `:xray`: the tree, with a status and what is below on each row.
import { fitLine, type Line, type Span } from '../text/line.js';
import { statusGlyph } from './glyphs.js';
import { cursorSpan, fitLines, type Size, type ViewContext } from './view-context.js';
import { HISTORY_SHOWN, type XrayRow } from './xray-model.js';

export interface XrayView {
  readonly rows: readonly XrayRow[];
  /** First row in the window. */
  readonly top: number;
  readonly selected?: number;
  /** Rows are hidden by a filter. */
  readonly filtered?: boolean;
}

const TREE_MIN = 24;
const TREE_SHARE = 0.42;
const STATE_WIDTH = 14;
const WIDE = 76;
const DETAIL_LEAST = 10;

export function xrayLines(view: XrayView, size: Size, context: ViewContext): Line[] {
  if (view.rows.length === 0) {
    const words = view.filtered ? 'nothing matches; <esc> ends the filter' : 'nothing is here yet';
    return fitLines([[{ text: ` ${words}`, meaning: 'dim' }]], size, context);
  }
  const rows = view.rows.slice(view.top, view.top + Math.max(0, size.height));
  const lines = rows.map((row, index): Line => {
    const number = view.top + index;
    const chosen = number === view.selected;
    const cursor = { ...cursorSpan(chosen, context.ascii), click: { row: number } };
    const line: Line = [cursor, { text: ' ' }, ...rowLine(row, size.width - 1, context)];
    return chosen ? line.map((span) => ({ ...span, inverse: true as const })) : line;
  });
  return fitLines(lines, size, context);
}

/** Signs before a name: closed, open, and of what has nothing below it. Not triangles: one of them is the cursor. */
const SIGNS = { shut: '+ ', open: '− ', leaf: '─ ' } as const;
/** A plus alone says that a run succeeded. */
const ASCII_SIGNS = { shut: '[+] ', open: '[-] ', leaf: '--- ' } as const;

function signOf({ node, open, depth }: XrayRow, ascii: boolean): string {
  const signs = ascii ? ASCII_SIGNS : SIGNS;
  if (node.count > 0) return open ? signs.open : signs.shut;
  return depth === 0 ? ' '.repeat(signs.leaf.length) : signs.leaf;
}

function rowLine(row: XrayRow, width: number, { ascii, now }: ViewContext): Line {
  const { node, lead } = row;
  const share = Math.max(TREE_MIN, Math.floor(width * TREE_SHARE));
  // A few letters of the detail say nothing: the name has their room.
  const detailed = width - share - STATE_WIDTH - 2 >= DETAIL_LEAST;
  const treeWidth = detailed ? share : Math.max(1, width - STATE_WIDTH - 2);
  const { state, detail, history: states } = node.look(now);
  const glyph = statusGlyph(state, ascii);
  const group = node.kind === 'Namespace' || node.kind === 'Cluster';
  const name: Span = node.label === undefined ? { text: node.name } : { text: node.label, meaning: 'dim' };
  const tree = fitLine(
    [{ text: `${lead}${signOf(row, ascii)}`, meaning: 'dim' }, group ? { ...name, bold: true } : name],
    treeWidth,
  );
  return [
    ...tree,
    { text: ' ' },
    ...fitLine([{ ...glyph, text: `${glyph.text} ${state}` }], STATE_WIDTH),
    ...(detailed ? [{ text: ' ' }] : []),
    // The graph of the latest runs is the first to go where there is little room.
    ...(width < WIDE || states === undefined ? [] : historySpans(states, ascii)),
    ...(detailed ? [{ text: detail, meaning: 'dim' } as const] : []),
  ];
}

/** The latest at the right, below the latest of the other rows. */
function historySpans(states: readonly string[], ascii: boolean): Line {
  const blanks = ' '.repeat(HISTORY_SHOWN - states.length);
  return [{ text: blanks }, ...states.map((one) => statusGlyph(one, ascii)), { text: '  ' }];
}

// Reads the plain part of YAML: block mappings and lists of one-line scalars, which is what this program writes itself.
// Loading the yaml package costs more than half a Node start, and every command reads the configuration. Whatever is not
// surely plain yields undefined, and the caller takes the package; a test compares both.

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

interface Line {
  readonly indent: number;
  readonly text: string;
}

const KEY = /^([A-Za-z_][\w-]*):(?: +(.*))?$/;
/** Starts that mean something in YAML, besides the ones scalar() knows. */
const SPECIAL_START = /^[&*!|>%@`'"[\]{},?#-]/;
/** Unquoted words that a YAML 1.2 core schema reads as something else than a string. */
const NOT_A_STRING =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+.]?\d.*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN))$/;

class NotPlain extends Error {}

/** The value of `text`, or undefined when the yaml package has to read it. */
export function readPlainYaml(text: string): Value | undefined {
  try {
    const lines = linesOf(text);
    if (lines.length === 0) return null;
    const reader = new Reader(lines);
    const value = reader.block(0);
    return reader.atEnd ? value : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    const body = line.trimStart();
    if (body === '' || body.startsWith('#')) continue;
    if (line.includes('\t') || line.includes(' #') || body.startsWith('---') || body.startsWith('...'))
      throw new NotPlain();
    lines.push({ indent: line.length - body.length, text: body });
  }
  return lines;
}

class Reader {
  private readonly lines: Line[];
  private at = 0;

  constructor(lines: Line[]) {
    this.lines = lines;
  }

  get atEnd(): boolean {
    return this.at === this.lines.length;
  }

  /** The mapping or list whose lines start at exactly `indent`. */
  block(indent: number): Value {
    const first = this.lines[this.at];
    if (first === undefined || first.indent !== indent) throw new NotPlain();
    return first.text.startsWith('- ') ? this.list(indent) : this.mapping(indent);
  }

  private list(indent: number): Value[] {
    const items: Value[] = [];
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      if (!line.text.startsWith('- ')) break;
      const rest = line.text.slice(2).trimStart();
      const inner = indent + (line.text.length - rest.length);
      if (KEY.test(rest)) {
        // The first key of a mapping stands on the dash's line: read it as if it stood on one of its own.
        this.lines[this.at] = { indent: inner, text: rest };
        items.push(this.mapping(inner));
      } else {
        items.push(scalar(rest));
        this.at += 1;
      }
    }
    return items;
  }

  private mapping(indent: number): { [key: string]: Value } {
    const mapping: { [key: string]: Value } = {};
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const match = KEY.exec(line.text);
      const key = match?.[1];
      if (key === undefined || Object.hasOwn(mapping, key) || key === '__proto__') {
        if (line.text.startsWith('- ')) break;
        throw new NotPlain();
      }
      this.at += 1;
      mapping[key] = match?.[2] === undefined ? this.nested(indent) : scalar(match[2]);
    }
    const next = this.lines[this.at];
    if (next !== undefined && next.indent > indent) throw new NotPlain();
    return mapping;
  }

  /** What follows `key:` without a value: a deeper block, a list at the same depth, or nothing. */
  private nested(indent: number): Value {
    const next = this.lines[this.at];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent > indent) return this.block(next.indent);
    return next.text.startsWith('- ') ? this.list(indent) : null;
  }
}

function scalar(text: string): Value {
  if (/^"[^"\\]*"$/.test(text) || /^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === '[]') return [];
  if (text === '{}') return {};
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text === '' || SPECIAL_START.test(text) || NOT_A_STRING.test(text) || /: |:$/.test(text)) throw new NotPlain();
  return text;
}

// The lines around a place, with a caret line below, as compilers print them.

/** Longer lines are cut around the place: a manifest may be one line of JSON. */
const LINE_WIDTH = 120;

export class SourceText {
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** Line and column, from 1, of a character. */
  placeOf(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }

  /** Characters before a line; those of the text for a line that is not there. */
  offsetOf(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  lineAt(line: number): string | undefined {
    const start = this.#starts[line - 1];
    if (start === undefined) return undefined;
    const end = this.#starts[line] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  /** The line before, the line itself and carets below the `length` characters from `offset`. Nothing of a Secret: errors end
   * up in the logs of pipelines. */
  excerpt(offset: number, length: number): string {
    if (this.holdsSecret(offset)) return '';
    const { line, column } = this.placeOf(offset);
    const number = String(line);
    const rows: string[] = [];
    const before = line > 1 ? this.lineAt(line - 1) : undefined;
    const text = this.lineAt(line) ?? '';
    const cut = column > LINE_WIDTH - 20 ? column - 41 : 0;
    if (before !== undefined && before.trim() !== '' && cut === 0) {
      rows.push(`  ${String(line - 1).padStart(number.length)} | ${printable(before.slice(0, LINE_WIDTH))}`);
    }
    const shown = text.slice(cut, cut + LINE_WIDTH);
    const carets = Math.max(1, Math.min(length, shown.length - (column - 1 - cut)));
    rows.push(`  ${number} | ${printable(shown)}`);
    rows.push(`  ${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, column - 1 - cut))}${'^'.repeat(carets)}`);
    return rows.join('\n');
  }

  private holdsSecret(offset: number): boolean {
    const from = this.text.lastIndexOf('\n---', offset);
    const to = this.text.indexOf('\n---', offset);
    const document = this.text.slice(Math.max(0, from), to < 0 ? undefined : to);
    return /\bkind["']?\s*:\s*["']?Secret\b/.test(document);
  }
}

/** One column for each character: a tab would shift the carets, and must not look like a space where it is what is wrong.
 * Control characters could command the terminal. */
function printable(text: string): string {
  return text.replaceAll('\t', '→').replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

// The layout of `describe`: aligned keys, indented sections, small tables.
import { escapeControls } from './terminal-safety.js';

const GAP = 2;
const LABEL_MIN_WIDTH = 15;

export class Description {
  private readonly lines: string[] = [];
  /** Fields that stand together are aligned together. */
  private group: [string, readonly string[]][] = [];

  /** One `Key:  value`; further values stand below the first one. */
  field(key: string, ...values: string[]): this {
    this.group.push([key, values.length === 0 ? ['<none>'] : values]);
    return this;
  }

  /** A map, one entry a line, sorted by key. */
  map(key: string, entries: Readonly<Record<string, string>> | undefined, separator = '='): this {
    const sorted = Object.entries(entries ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    return this.field(key, ...sorted.map(([name, value]) => `${name}${separator}${value}`));
  }

  /** `Title:` and aligned fields below it, indented. */
  section(title: string, fields: readonly (readonly [string, string])[]): this {
    this.flush();
    this.lines.push(`${title}:`);
    const width = Math.max(...fields.map(([key]) => key.length)) + 1 + GAP;
    for (const [key, value] of fields) this.lines.push(`  ${`${key}:`.padEnd(width)}${value}`);
    return this;
  }

  /** `Title:` and a table below it, indented; `Title:  <none>` without rows. */
  table(title: string, headers: readonly string[], rows: readonly (readonly string[])[], dashes = false): this {
    this.flush();
    if (rows.length === 0) {
      this.lines.push(`${`${title}:`.padEnd(LABEL_MIN_WIDTH + 1)}<none>`);
      return this;
    }
    const all = [headers, ...(dashes ? [headers.map((header) => '-'.repeat(header.length))] : []), ...rows];
    const widths = headers.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)) + GAP);
    this.lines.push(`${title}:`);
    for (const row of all) {
      this.lines.push(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('')}`.trimEnd());
    }
    return this;
  }

  text(): string {
    this.flush();
    return `${this.lines.map(escapeControls).join('\n')}\n`;
  }

  private flush(): void {
    const width = Math.max(LABEL_MIN_WIDTH + 1, ...this.group.map(([key]) => key.length + 1 + GAP));
    for (const [key, values] of this.group) {
      values.forEach((value, index) => {
        this.lines.push(
          `${(index === 0 ? `${key}:` : '').padEnd(width)}${value.replaceAll('\n', `\n${' '.repeat(width)}`)}`.trimEnd(),
        );
      });
    }
    this.group = [];
  }
}

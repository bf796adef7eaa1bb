// The table of sizes in docs/operating.md has no figure that docs/performance.md does not have, in the table that it names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const read = (name: string) => readFileSync(join(fileURLToPath(new URL('../docs/', import.meta.url)), name), 'utf8');

/** By heading, without what stands behind it in brackets. */
function sectionsOf(text: string): Map<string, string> {
  const parts = text.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.search(/\n| \(/)), part]));
}

const figures = (text: string): string[] => text.match(/\d[\d,.]*\d|\d/g) ?? [];

t.test('sizes are figures that were measured', async (t) => {
  const measured = sectionsOf(read('performance.md'));
  const sizing = sectionsOf(read('operating.md')).get('Sizing')!;
  const rows = sizing.split('\n').filter((line) => line.startsWith('| '));
  t.ok(rows.length > 10);
  for (const row of rows.slice(2)) {
    const [what = '', figure = '', table = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    const section = measured.get(table);
    if (section === undefined) {
      t.fail(`${what}: there is no table "${table}"`);
      continue;
    }
    const known = new Set(figures(section));
    t.ok(figures(figure).length > 0, what);
    t.same(
      figures(figure).filter((each) => !known.has(each)),
      [],
      `${what} (${table})`,
    );
  }
});

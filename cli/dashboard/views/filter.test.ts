import t from 'tap';
import { task } from '../../../test/support/fed-objects.js';
import { parseFilter } from './filter.js';

const objects = [task('nightly-report', { labels: { team: 'fin' } }), task('Vacuum'), task('a+b')];

function matching(text: string): string[] {
  const filter = parseFilter(text)!;
  return objects.filter((one) => filter.matches(one, () => [one.metadata.name])).map(({ metadata }) => metadata.name);
}

t.test('four ways to say what one looks for (T-05)', async (t) => {
  t.strictSame(matching('night|vac'), ['nightly-report', 'Vacuum'], 'small letters match both');
  t.strictSame(matching('V'), ['Vacuum'], 'capitals match themselves');
  t.strictSame(matching('!night'), ['Vacuum', 'a+b']);
  t.strictSame(matching('-l team=fin'), ['nightly-report']);
  t.strictSame(matching('-f ntrp'), ['nightly-report']);
});

t.test('what is no regular expression is looked for as it is', async (t) => {
  t.strictSame(matching('a+b('), []);
  t.strictSame(parseFilter('(')?.note, 'not a regular expression: taken literally');
  t.strictSame(parseFilter('-l a in (')?.note, 'not a label selector');
  t.strictSame(matching('+b'), ['a+b'], 'a quantifier without anything before it');
});

t.test('nothing typed yet filters nothing', async (t) => {
  for (const text of ['', ' ', '!', '-l', '-f']) t.equal(parseFilter(text), undefined);
});

t.test('what matched is known, for its colour', async (t) => {
  t.strictSame(parseFilter('t')?.ranges('nightly-report'), [
    [4, 5],
    [13, 14],
  ]);
  t.strictSame(parseFilter('!t')?.ranges('nightly'), []);
  t.strictSame(parseFilter('-f nt')?.ranges('nightly'), [
    [0, 1],
    [4, 5],
  ]);
  t.strictSame(parseFilter('x*')?.ranges('nightly'), [], 'nothing is no match');
});

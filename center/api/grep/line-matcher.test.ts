import t from 'tap';
import { isCloudTaskError } from '../../../base/index.js';
import { lineMatcher } from './line-matcher.js';

const PATTERNS = [
  'error',
  '^error',
  'error$',
  '^$',
  'a.c',
  'a|b|cd',
  '(?i)ERROR|timed? out',
  '[a-c]+[^x-z]',
  'x{2,3}y',
  'x{2}y',
  'x{2,}y',
  '(ab)+c?',
  '(?:a|b)*c',
  '\\d+\\.\\d+',
  '\\bfoo\\b',
  '\\Bo',
  '[\\d_-]+',
  '[]a]',
  'a{,2}',
  '\\x41\\x42',
  'ü',
  '(?i)Ü',
  '(?i)FOO',
  '(?i)b\\.',
  'b\\.',
  '3\\.14',
  '(a*)*b',
  '(|a)+',
  '\\s\\S',
  '.*=.*;',
  'a+?b',
  '[^a]',
  '\\$\\.',
  'colou?r',
];
const LINES = [
  '',
  'error',
  'an error here',
  'ERROR',
  'Timed out',
  'time out',
  'abc',
  'aXc',
  'cd',
  'xxy',
  'xxxy',
  'xy',
  'ababc',
  'abab',
  'bbac',
  '3.14',
  'foo',
  'a foo b',
  'food',
  '12_3-4',
  ']',
  'a{,2}',
  'AB',
  'grün',
  'GRÜN',
  'aaaa',
  'aaab',
  ' x',
  'k=v;',
  '$.',
  'color',
  'colour',
  'ab\tc',
  '\u0000',
];

t.test('the same lines as RegExp finds', (t) => {
  for (const pattern of PATTERNS) {
    const fold = pattern.startsWith('(?i)');
    const expected = new RegExp(fold ? pattern.slice(4) : pattern.replace('[]a]', '[\\]a]'), fold ? 'i' : '');
    const matches = lineMatcher(pattern);
    const [mine, theirs] = [LINES.filter(matches), LINES.filter((line) => expected.test(line))];
    t.same(mine, theirs, pattern);
  }
  t.end();
});

t.test('what no clever line can make slow', (t) => {
  const line = `${'a'.repeat(60_000)}!`;
  for (const pattern of ['(a+)+$', '^(a|a)*$', '(a|aa)+$', 'a*a*a*a*a*b', '(.*)*x']) {
    t.equal(lineMatcher(pattern)(line), false, pattern);
  }
  t.end();
});

t.test('what is refused', (t) => {
  const refused = [
    '(a)\\1',
    '(?=a)',
    '(?<!a)',
    'a)',
    '(a',
    '[a',
    '*a',
    'a\\',
    'x{3,2}',
    'x{5000}',
    '(x{100}){100}',
    '\\q',
    `${'a'.repeat(2000)}.`,
    '('.repeat(200),
  ];
  for (const pattern of refused) {
    try {
      lineMatcher(pattern);
      t.fail(pattern.slice(0, 20));
    } catch (error) {
      t.ok(isCloudTaskError(error, 'CT_BAD_REQUEST'), pattern.slice(0, 20));
    }
  }
  t.end();
});

t.test('letters that are small in two ways are found in both', async (t) => {
  t.equal(lineMatcher('(?i)s')('\u017f'), true, 'the long s');
  t.equal(lineMatcher('(?i)k')('\u212a'), true, 'the sign of Kelvin');
  t.equal(lineMatcher('(?i)x')('\u017f'), false);
});

import t from 'tap';
import { labelKeyProblem, labelValueProblem } from './label-rules.js';

t.test('label keys (A-09)', async (t) => {
  const good = [
    'a',
    'A',
    '1',
    'a-b',
    'a_b.c',
    'app.kubernetes.io/name',
    'x/y',
    'x.y-z/A_b',
    'a'.repeat(63),
    `${'a'.repeat(253)}/b`,
  ];
  const bad = [
    '',
    '-a',
    'a-',
    '.a',
    'a b',
    'a/',
    '/a',
    'a/b/c',
    'X/y',
    'x_y/z',
    'ä',
    'a'.repeat(64),
    `${'a'.repeat(254)}/b`,
    'a\n',
  ];
  for (const key of good) t.equal(labelKeyProblem(key), undefined, key.slice(0, 30));
  for (const key of bad) t.type(labelKeyProblem(key), 'string', key.slice(0, 30));
});

t.test('label values (A-09)', async (t) => {
  const good = ['', 'a', 'A1', 'a-b_c.d', '1', 'x'.repeat(63)];
  const bad = ['-', 'a-', '-a', 'a b', 'a/b', 'ä', 'x'.repeat(64), 'a\n'];
  for (const value of good) t.equal(labelValueProblem(value), undefined, value.slice(0, 30));
  for (const value of bad) t.type(labelValueProblem(value), 'string', value.slice(0, 30));
});

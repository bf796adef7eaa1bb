import fc from 'fast-check';
import t from 'tap';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import { TextPager } from './pager.js';

const YAML = `# from the store
apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: nightly-report
  labels: {team: fin}
spec:
  suspend: false
  schedules:
  - cron: 0 2 * * *
    name: default
  run:
    script: |
      echo key: value
      exit 0
    env:
    - name: MODE
      value: full and longer than what a narrow window can show at once, so that wrapping it takes several rows of its own
  retry:
    limit: 2
`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`).join('\n');
const body = (pager: TextPager, height: number, width = 40) =>
  plainText(pager.lines({ width, height: height + 1 }))
    .trimEnd()
    .split('\n')
    .slice(0, -1);

t.test('YAML, as read (T-22)', async (t) => {
  goldenView(t, 'yaml', (size) => {
    const pager = new TextPager();
    pager.setText(YAML, 'yaml');
    pager.toggleWrap();
    pager.search('name');
    return pager.lines(size);
  });
});

t.test('keys and plain values of YAML have a meaning, texts in it have none', async (t) => {
  const pager = new TextPager();
  pager.setText(YAML, 'yaml');
  const meanings = (number: number) => pager.line(number).map(({ text, meaning }) => [text, meaning ?? 'plain']);
  t.same(meanings(0), [['# from the store', 'dim']]);
  t.same(meanings(7), [
    ['  ', 'plain'],
    ['suspend', 'key'],
    [':', 'dim'],
    [' false', 'accent'],
  ]);
  t.same(meanings(9), [
    ['  - ', 'plain'],
    ['cron', 'key'],
    [':', 'dim'],
    [' 0 2 * * *', 'plain'],
  ]);
  t.same(meanings(13), [['      echo key: value', 'plain']], 'a block scalar is text');
  t.same(meanings(15)[1], ['env', 'key'], 'and ends');
});

t.test('a description has keys and headers', async (t) => {
  const pager = new TextPager();
  pager.setText('Name:           a\nSchedules:\n  Name     Time Zone\n  default  UTC\n', 'description');
  t.same(
    [0, 1, 2, 3].map((number) => pager.line(number)[0]?.meaning),
    ['key', 'key', 'dim', undefined],
  );
  t.equal(pager.end, 4);
});

t.test('states in a description, and what a difference adds and takes', async (t) => {
  const pager = new TextPager();
  const meanings = () =>
    Array.from({ length: pager.end }, (_, number) => pager.line(number).map(({ meaning }) => meaning));
  pager.setText('Status:         Failed\n  nightly-abc  Succeeded  0\n  Message  it Failed here', 'description');
  t.same(meanings(), [['key', undefined, 'bad'], [undefined, 'ok', undefined], [undefined]]);
  pager.setText('--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same', 'diff');
  t.same(meanings(), [['dim'], ['dim'], ['accent'], ['bad'], ['ok'], [undefined]]);
});

t.test('scrolls by rows and pages, and stops at both ends', async (t) => {
  const pager = new TextPager();
  pager.setText(numbered(20));
  t.same(body(pager, 3), ['line 1', 'line 2', 'line 3']);
  pager.scroll(1);
  t.same(body(pager, 3), ['line 2', 'line 3', 'line 4']);
  pager.page(1);
  t.same(body(pager, 3)[0], 'line 4', 'a page leaves one row to read on from');
  pager.scroll(100);
  t.same(body(pager, 3), ['line 18', 'line 19', 'line 20']);
  pager.scroll(-1);
  t.same(body(pager, 3)[0], 'line 17');
  pager.toTop();
  pager.scroll(-5);
  t.same(body(pager, 3)[0], 'line 1');
  pager.toEnd();
  t.match(plainText([pager.position()]), 'Lines 18-20 of 20');
});

t.test('a search goes from match to match and round', async (t) => {
  const pager = new TextPager();
  pager.setText(numbered(30));
  body(pager, 6);
  pager.search('line 2\\d');
  t.ok(body(pager, 6).includes('line 20'));
  t.match(plainText([pager.position()]), 'Match 1 of 10');
  pager.previousMatch();
  t.ok(body(pager, 6).includes('line 29'), 'before the first one comes the last');
  pager.nextMatch();
  pager.nextMatch();
  t.match(plainText([pager.position()]), 'Match 2 of 10');
  t.same(pager.line(20), [{ text: 'line 21', meaning: 'match', inverse: true }], 'the one that n went to');
  t.same(pager.line(21), [{ text: 'line 22', meaning: 'match' }]);
  pager.search('LINE');
  t.match(plainText([pager.position()]), 'No match', 'upper case is meant');
  pager.search('line 3[');
  t.match(pager.note, 'not a regular expression');
  pager.search('');
  t.notOk(pager.searching);
  t.same(pager.line(20), [{ text: 'line 21' }]);
});

t.test('the same place after the text changed or the window did', async (t) => {
  const pager = new TextPager();
  pager.setText(numbered(50));
  body(pager, 5);
  pager.scroll(10);
  pager.setText(`${numbered(50)} `);
  t.equal(body(pager, 5)[0], 'line 11');
  t.equal(body(pager, 8, 20)[0], 'line 11');
  pager.setText(numbered(4));
  t.same(body(pager, 2), ['line 3', 'line 4'], 'a text that became shorter is shown to its end');
});

t.test('wrapped, every cell of a text is seen; unwrapped, to the side', async (t) => {
  const pager = new TextPager();
  pager.setText('abcdefghijklmnopqrstuvwxyz');
  t.same(body(pager, 4, 10), ['abcdefghi…', '', '', '']);
  pager.sideways(1);
  t.equal(body(pager, 4, 10)[0], '…jklmnopq…');
  pager.toggleWrap();
  t.same(body(pager, 4, 10), ['abcdefghij', 'klmnopqrst', 'uvwxyz', '']);
  pager.setText('日本語の名前');
  t.same(body(pager, 3, 5), ['日本', '語の', '名前'], 'wide characters are not cut in half');
});

t.test('wrapped at blanks, and further rows below what goes on in them', async (t) => {
  const pager = new TextPager();
  pager.toggleWrap();
  pager.setText('Message:   the agent is not known here', 'description');
  t.same(body(pager, 3, 26), ['Message:   the agent is', '           not known here', '']);
  pager.setText('  e1  RunFailed  exit code 3 after a while', 'description');
  t.same(
    body(pager, 3, 36),
    ['  e1  RunFailed  exit code 3 after a', '                 while', ''],
    'of a table its cell',
  );
  pager.setText('a:\n  - b: some more words of it', 'yaml');
  t.same(body(pager, 4, 20), ['a:', '  - b: some more', '      words of it', '']);
  pager.setText('Environment-Of-It:   words', 'description');
  t.same(body(pager, 3, 22), ['Environment-Of-It:', '    words', ''], 'not where there is no room for words');
  pager.setText('-  image: registry/name', 'diff');
  t.same(body(pager, 3, 18), ['-  image: registry', '     /name', ''], 'a word that is too long is cut');
});

t.test('what is left of the window is told, and there is an end to the right', async (t) => {
  const pager = new TextPager();
  pager.setText('0123456789abcdef\n        indented');
  body(pager, 2, 10);
  for (let i = 0; i < 9; i += 1) pager.sideways(1);
  t.same(body(pager, 2, 10), ['…9abcdef', 'indented'], 'blanks are no loss');
  t.match(plainText([pager.position()]), 'Lines 1-2 of 2, from column 9');
  pager.aside = () => ['ManagedFields:Off', 'Read 12:00:00Z'];
  t.match(
    plainText([pager.position(64)]),
    /column 9 {3}Wrap:Off {3}ManagedFields:Off\n$/,
    'words stand whole or not at all',
  );
});

const anyText = fc
  .array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 30 })
  .map((lines) => lines.join('\n'));
const actions = fc.array(
  fc.oneof(
    fc.integer({ min: -50, max: 50 }).map((rows) => (pager: TextPager) => pager.scroll(rows)),
    fc.string({ maxLength: 3 }).map((pattern) => (pager: TextPager) => pager.search(pattern)),
    fc.constantFrom(
      (pager: TextPager) => pager.toggleWrap(),
      (pager: TextPager) => pager.toEnd(),
      (pager: TextPager) => pager.sideways(1),
      (pager: TextPager) => pager.previousMatch(),
      (pager: TextPager) => pager.page(1),
    ),
  ),
  { maxLength: 8 },
);

t.test('any text in any window takes exactly its cells', async () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: 50 }), height: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(
      anyText,
      size,
      actions,
      fc.constantFrom('plain', 'yaml', 'description', 'diff'),
      (text, size, keys, syntax) => {
        const pager = new TextPager();
        pager.setText(text, syntax);
        for (const key of keys) {
          key(pager);
          const wrong = misfit(pager.lines(size), size);
          if (wrong !== undefined) throw new Error(wrong);
        }
      },
    ),
  );
});

t.test('a text of 100,000 lines is drawn as fast as a short one', async (t) => {
  const pager = new TextPager();
  pager.setText(numbered(100_000));
  pager.toggleWrap();
  body(pager, 3);
  pager.toEnd();
  t.equal(body(pager, 3).at(-1), 'line 100000');
});

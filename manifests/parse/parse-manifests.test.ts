import t from 'tap';
import { formatProblems } from './format-problems.js';
import { parseManifests } from './parse-manifests.js';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const good = (name: string) =>
  lines('apiVersion: cloudtask.dev/v1', 'kind: Task', `metadata: {name: ${name}}`, 'spec: {run: {command: ["true"]}}');
const messages = (text: string) =>
  parseManifests(text, 'f').problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

t.test('all problems of all documents, each with its place', async (t) => {
  const text = lines(
    'apiVersion: cloudtask.dev/v1',
    'kind: Task',
    'metadata:',
    '  name: a',
    'spec:',
    '  run:',
    '    command: [/bin/a]',
    '  suspend: false',
    '  concurencyPolicy: Forbid',
    '  schedules:',
    '    - name: nightly',
    '      cron: "61 * * * *"',
    '---',
    'apiVersion: cloudtask.dev/v1',
    'kind: Task',
    'metadata: {name: b, namespace: billing}',
    'spec: {run: {command: [/bin/b]}}',
  );
  const result = parseManifests(text, 't.yaml');
  t.equal(result.total, 2);
  t.equal(result.documents.length, 1);
  t.match(result.problems, [
    { file: 't.yaml', line: 9, column: 3, document: 1, field: 'spec.concurencyPolicy', reason: 'FieldUnknown' },
    { file: 't.yaml', line: 12, column: 13, document: 1, field: 'spec.schedules[0].cron', severity: 'error' },
  ]);
  t.equal(
    `${formatProblems([result])}\n`,
    lines(
      't.yaml:9:3: error: unknown field "spec.concurencyPolicy"; did you mean "concurrencyPolicy"?',
      '  8 |   suspend: false',
      '  9 |   concurencyPolicy: Forbid',
      '    |   ^^^^^^^^^^^^^^^^',
      't.yaml:12:13: error: spec.schedules[0].cron: Invalid value: "61 * * * *": minute must be 0 to 59',
      '  11 |     - name: nightly',
      '  12 |       cron: "61 * * * *"',
      '     |             ^^^^^^^^^^^^',
      't.yaml#2 (Task billing/b) ok',
      'error: 2 problems in 1 of 2 documents; nothing was applied',
    ),
  );
});

t.test('no problems, no words', async (t) => {
  t.equal(formatProblems([parseManifests(good('a'), 'f')]), '');
});

t.test('a document is found again by field', async (t) => {
  const text = lines(
    '# first',
    '---',
    '',
    good('a'),
    '---',
    'apiVersion: cloudtask.dev/v1',
    'kind: Task',
    'metadata:',
    '  name: b',
    'spec:',
    '  run:',
    '    script: |',
    '      echo',
    '  timeout: 5m',
  );
  const [, second] = parseManifests(text, 'f').documents;
  t.match(second, { index: 2, kind: 'Task', file: 'f', line: 10, object: { metadata: { name: 'b' } } });
  t.strictSame(second?.locate('spec.timeout'), {
    ...{ line: 18, column: 12, excerpt: '  17 |       echo\n  18 |   timeout: 5m\n     |            ^^' },
  });
  t.match(second?.locate('spec.gracePeriod'), { line: 14, column: 1 }, 'the parent of what is not written');
  t.match(second?.locate('spec.run.script'), { line: 16, column: 13 });
});

t.test('empty documents do not count', async (t) => {
  const result = parseManifests(lines('---', '---', '# only a comment', '---', good('a'), '---', 'null', '...'), 'f');
  t.equal(result.total, 1);
  t.strictSame(result.problems, []);
  t.equal(result.documents[0]?.index, 1);
  for (const text of ['', '\n\n', '# nothing', '---\n']) t.match(parseManifests(text, 'f'), { total: 0, problems: [] });
});

t.test('JSON and lists', async (t) => {
  const object = {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'a' },
    spec: { run: { command: ['x'] } },
  };
  t.equal(parseManifests(JSON.stringify(object), 'f').documents.length, 1);
  const list = { apiVersion: 'v1', kind: 'List', items: [object, { ...object, metadata: { name: 'B' } }] };
  const result = parseManifests(JSON.stringify(list, null, 2), 'f');
  t.equal(result.documents.length, 1);
  t.match(result.problems, [{ field: 'items[1].metadata.name', line: 23, column: 17 }]);
  t.match(formatProblems([result]), /error: 1 problem in 1 of 1 document; nothing was applied$/);
});

t.test('what is missing is shown at its parent', async (t) => {
  t.strictSame(
    messages(lines('apiVersion: cloudtask.dev/v1', 'kind: Task', 'metadata: {name: a}', 'spec:', '  timeout: 1m')),
    ['4:1 spec.run: Required value'],
  );
  t.strictSame(messages('kind: Task\n'), [
    '1:1 apiVersion: Required value',
    '1:1 metadata: Required value',
    '1:1 spec: Required value',
  ]);
  t.strictSame(messages('hello\n'), ['1:1 document: Invalid type: must be a map with apiVersion, kind and metadata']);
});

t.test('duplicate keys, bad syntax, anchors', async (t) => {
  t.strictSame(messages('kind: Task\nkind: Run\n'), ['2:1 duplicate field "kind"']);
  t.match(messages('a: [1, 2\n'), [/^2:1 flow sequence/]);
  t.strictSame(messages('a:\n\tb: 1\nc: 2\n'), ['2:1 tabs are not allowed as indentation; use spaces']);
  for (const cron of ['* * * * *', '*/5 * * * *', '* 2 * * 1-5']) {
    const [first, ...more] = messages(`spec:\n  schedules:\n  - cron: ${cron}\n`);
    t.match(first, /^3:\d+ a value that begins with \* is an alias in YAML; put a cron expression in quotes/, cron);
    t.strictSame(more, [], 'nothing else');
  }
  const anchored = lines(
    'apiVersion: cloudtask.dev/v1',
    'kind: Task',
    'metadata: {name: a, labels: &labels {team: fin}}',
    'spec:',
    '  placement: {selector: {matchLabels: *labels}}',
    '  run: {command: ["true"]}',
  );
  t.match(parseManifests(anchored, 'f'), { problems: [], documents: [{ object: { spec: { placement: {} } } }] });
});

t.test('hostile files end quickly with one problem', async (t) => {
  const bomb = lines(
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f'].map((name, i) => {
      const before = 'abcde'[i];
      return `${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`;
    }),
  );
  t.strictSame(messages(bomb), ['1:1 aliases stand for too many values']);
  t.match(messages('['.repeat(50_000)), [/nested too deeply/]);
  t.match(messages(Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')), [/nested too deeply/]);
  const many = Array.from({ length: 1000 }, () => 'kind: Tsk').join('\n---\n');
  t.equal(parseManifests(many, 'f').problems.length, 200, 'problems are bounded');
  t.same(Object.keys(parseManifests('__proto__: {polluted: 1}\n', 'f').documents), []);
  t.notOk('polluted' in {}, 'no prototype is touched');
});

t.test('excerpts of long lines and of control characters', async (t) => {
  const long = `{apiVersion: cloudtask.dev/v1, kind: Task, metadata: {name: a}, spec: {description: "${'x'.repeat(400)}", run: {command: [a]}, zzzz: 1}}`;
  const [problem] = parseManifests(long, 'f').problems;
  t.equal(problem?.message, 'unknown field "spec.zzzz"');
  t.match(problem?.excerpt, /^ {2}1 \| x{16}.*zzzz: 1}}\n {4}\| {41}\^{4}$/);
  const [odd] = parseManifests('apiVersion: cloudtask.dev/v1\r\nkind: "a\u009bb"\r\n', 'f').problems;
  t.notMatch(odd?.excerpt, /[\u0080-\u009f\r]/);
});

t.test('system kinds and kinds of later versions', async (t) => {
  t.strictSame(messages('apiVersion: cloudtask.dev/v1\nkind: Run\n'), [
    '2:1 kind: Forbidden: objects of kind Run are written by CloudTask itself; to start one, use "ctask run TASK"',
  ]);
  t.match(messages('apiVersion: cloudtask.dev/v1\nkind: Event\n'), [/written by CloudTask itself$/]);
  t.match(messages('apiVersion: cloudtask.dev/v1\nkind: GitSource\n'), [
    /kind "GitSource" is not available in this version$/,
  ]);
  t.match(messages('apiVersion: cloudtask.dev/v1\nkind: task\n'), [/did you mean "Task"\?$/]);
});

t.test('a tab in an excerpt is seen, and takes one column', async (t) => {
  const { problems } = parseManifests('a:\n\tb: 1\nc: 2\n', 'f');
  t.match(problems[0]?.excerpt, /^ {2}1 \| a:\n {2}2 \| →b: 1\n {4}\| \^/);
});

// Nothing a file can contain makes the parser throw, and every problem has a place within the file.
import fc from 'fast-check';
import t from 'tap';
import { validateObject } from '../validate/validate-object.js';
import { parseManifests } from './parse-manifests.js';

const manifest = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: a
  labels: &labels {team: fin, app/x: ""}
spec:
  timeZone: Europe/Berlin
  schedules:
  - cron: "0 2 * * *"
  - name: b
    every: 90s
  placement: {selector: {matchLabels: *labels}}
  run:
    script: |
      echo hello
    env: [{name: A, value: "1"}]
  retry: {limit: 2, backoff: {initial: 10s}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: cloudtask.dev/v1, kind: Namespace, metadata: {name: x}, spec: {}}
`;

/** The manifest with a few pieces cut out, doubled or replaced. */
const damaged = fc
  .array(
    fc.record({
      at: fc.nat(manifest.length),
      length: fc.nat(12),
      put: fc.oneof(
        fc.constantFrom(
          '',
          ':',
          '- ',
          '{',
          ']',
          '*labels',
          '&labels',
          '"',
          '\n',
          '---\n',
          '\t',
          '<<: *labels',
          'null',
          '[]',
          '|',
          '\u0000',
        ),
        fc.string({ maxLength: 4 }),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((cuts) =>
    cuts.reduce((text, { at, length, put }) => text.slice(0, at) + put + text.slice(at + length), manifest),
  );

const wellPlaced = (text: string): boolean => {
  const { documents, problems, total } = parseManifests(text, 'f');
  const rows = text.split('\n');
  for (const { line, column, message } of problems) {
    if (line < 1 || line > rows.length || column < 1 || column > rows[line - 1]!.length + 1 || message === '')
      return false;
  }
  for (const document of documents) {
    if (document.locate('spec.run.script') === undefined || document.locate('metadata.name') === undefined)
      return false;
  }
  return documents.length > 0 || problems.length > 0 || total === 0;
};

t.test('the manifest itself is fine', async (t) => {
  t.match(parseManifests(manifest, 'f'), { total: 2, problems: [] });
});

t.test('damaged manifests and any text', async () => {
  fc.assert(fc.property(fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 200 })), wellPlaced), {
    numRuns: 200,
  });
});

t.test('any value can be validated', async () => {
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'a', '5s', '0 0 * * *', '__proto__'),
    fc.string(),
  );
  const key = fc.constantFrom(
    'name',
    'cron',
    'every',
    'at',
    'command',
    'script',
    'env',
    'schedules',
    'run',
    'labels',
    'selector',
    'matchExpressions',
    'values',
    'operator',
    'key',
    'placement',
    'retry',
    'x',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const head = { apiVersion: 'cloudtask.dev/v1', kind: 'Task' };
  fc.assert(
    fc.property(value, value, (metadata, spec) => {
      const { object, causes } = validateObject({ ...head, metadata, spec });
      return (
        (object === undefined) === causes.length > 0 &&
        causes.every(({ message, reason }) => message !== '' && reason !== '')
      );
    }),
    { numRuns: 1000 },
  );
});

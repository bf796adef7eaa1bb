import fc from 'fast-check';
import t from 'tap';
import { parseAllDocuments, stringify } from 'yaml';
import { formatJsonManifest, formatManifests } from './format-manifests.js';

const untidy = `# yaml-language-server: $schema=x

# What it is for.
kind: Task   # the kind
# version
apiVersion: cloudtask.dev/v1
metadata:
    # labels first
    labels: {b: "2", a: '1'}
    name:    hello

spec:
  run:
      env:
        - value: x
          # name of it
          name: A
      # cmd
      command: ["a",   "b"]
      stdin: |
        x
         y
  # tz
  timeZone: UTC

  schedules:
      - cron: "0 2 * * *"   # nightly
        name: n
  timeout: 1h


# trailing
---
kind: ConfigMap
apiVersion: v1
---
# only a comment
---
spec: {}
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: x}
`;

const tidy = `# yaml-language-server: $schema=x

# What it is for.
# version
apiVersion: cloudtask.dev/v1
kind: Task # the kind
metadata:
  name: hello
  # labels first
  labels: {b: "2", a: '1'}

spec:
  # tz
  timeZone: UTC

  schedules:
  - name: n
    cron: "0 2 * * *" # nightly
  run:
    # cmd
    command: ["a", "b"]
    env:
    # name of it
    - name: A
      value: x
    stdin: |
      x
       y
  timeout: 1h

# trailing
---
kind: ConfigMap
apiVersion: v1
---
# only a comment
---
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: x}
spec: {}
`;

t.test('G-05: keys in order, comments with their keys, once and for all', async (t) => {
  t.equal(formatManifests(untidy), tidy);
  t.equal(formatManifests(tidy), tidy);
  for (const text of ['', '# nothing\n', 'kind: ConfigMap\napiVersion:   v1\n', 'not: ours\n---\n- 1\n'])
    t.equal(formatManifests(text), text, 'what is not ours is left alone');
  t.throws(() => formatManifests('apiVersion: cloudtask.dev/v1\na: [\n'), { code: 'CT_MANIFEST_SYNTAX' });
});

t.test('lists of objects, and JSON', async (t) => {
  const item = 'metadata: {name: a}, kind: Namespace, apiVersion: cloudtask.dev/v1';
  t.equal(
    formatManifests(`apiVersion: v1\nkind: List\nitems:\n  - {${item}}\n`),
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: cloudtask.dev/v1, kind: Namespace, metadata: {name: a}}\n',
  );
  const manifest = '{"kind":"Namespace","apiVersion":"cloudtask.dev/v1","metadata":{"labels":{},"name":"a"}}';
  const formatted = formatJsonManifest(manifest);
  t.equal(
    formatted,
    `${JSON.stringify(
      { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'a', labels: {} } },
      undefined,
      2,
    )}\n`,
  );
  t.equal(formatJsonManifest(formatted), formatted);
  t.equal(formatJsonManifest('{"a":   1}'), '{"a":   1}');
  t.throws(() => formatJsonManifest('{'), { code: 'CT_MANIFEST_SYNTAX' });
});

/** A map with its keys in any order, at each level. */
function shuffled(value: unknown, order: (length: number) => number[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, order));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    order(entries.length).map((index) => [entries[index]![0], shuffled(entries[index]![1], order)]),
  );
}

t.test('in whatever order keys and comments come: the same meaning, and a second time changes nothing', async (t) => {
  const task = parseAllDocuments(tidy)[0]!.toJS() as unknown;
  const seeds = fc.tuple(fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }), fc.array(fc.nat(40)));
  fc.assert(
    fc.property(seeds, ([numbers, places]) => {
      let next = 0;
      const order = (length: number) => {
        const left = Array.from({ length }, (_, index) => index);
        return Array.from({ length }, () => left.splice((numbers[next++ % 60] ?? 0) % left.length, 1)[0]!);
      };
      const lines = stringify(shuffled(task, order)).split('\n');
      for (const place of places) {
        const indent = /^ */.exec(lines[place % lines.length] ?? '')![0];
        lines.splice(place % lines.length, 0, `${indent}# comment ${place}`);
      }
      const text = lines.join('\n');
      // A comment within a block scalar is text of it.
      const meant = parseAllDocuments(text)[0]!.toJS() as unknown;
      const once = formatManifests(text);
      t.same(parseAllDocuments(once)[0]!.toJS(), meant);
      for (const comment of text.match(/# comment \d+/g) ?? []) if (!once.includes(comment)) return false;
      return formatManifests(once) === once;
    }),
    { numRuns: 150 },
  );
});

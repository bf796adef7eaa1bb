// G-03, without a server: what `validate` says in each of its forms.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CliUser } from '../../test/support/cli-terminal.js';

/** Nothing listens there: what asks a server fails. */
const env = { CTASK_SERVER: 'http://127.0.0.1:1' };

// Reference 6.6, with the fields of this version.
const BAD = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: a
spec:
  run:
    command: [date]
  suspend: false
  concurencyPolicy: Forbid
  missedRunPolicy: Skip
  schedules:
    - cron: "61 * * * *"
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: b, namespace: billing}
spec: {run: {command: [date]}}
`;

const GOLDEN = `t.yaml:9:3: error: unknown field "spec.concurencyPolicy"; did you mean "concurrencyPolicy"?
  8 |   suspend: false
  9 |   concurencyPolicy: Forbid
    |   ^^^^^^^^^^^^^^^^
t.yaml:12:13: error: spec.schedules[0].cron: Invalid value: "61 * * * *": minute must be 0 to 59
  11 |   schedules:
  12 |     - cron: "61 * * * *"
     |             ^^^^^^^^^^^^
t.yaml#2 (Task billing/b) ok
error: 2 problems in 1 of 2 documents; `;

const task = (name: string, more = '') =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\nspec:\n  run: {command: [x]}\n${more}`;

function folder(t: Test, files: Record<string, string>) {
  const user = new CliUser();
  t.teardown(() => user.go());
  const dir = join(user.home, 'deploy');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  /** Paths in what was said begin at the folder. */
  const validate = async (...args: string[]) => {
    const { code, stdout, stderr } = await user.run(['validate', ...args], { env });
    return { code, stdout: stdout.replaceAll(`${dir}/`, ''), stderr: stderr.replaceAll(`${dir}/`, '') };
  };
  return { dir, user, validate };
}

t.test('golden (6.6): all problems with file, line and column; the same for apply', async (t) => {
  const { dir, user, validate } = folder(t, { 't.yaml': BAD });
  t.same(await validate('-f', dir), { code: 7, stdout: '', stderr: `${GOLDEN}the manifests are invalid\n` });
  const apply = await user.run(['apply', '-f', dir], { env });
  t.same(apply.stderr.replaceAll(`${dir}/`, ''), `${GOLDEN}nothing was applied\n`);
  t.equal(apply.code, 7);
});

t.test('directories, duplicates between files, labels, names that nothing defines', async (t) => {
  const { dir, validate } = folder(t, {
    'a.yaml': `${task('one')}---\n${task('two')}`,
    'inner/b.yml': task('one'),
    'inner/notes.txt': 'no manifest',
    'other/.no-manifests': '',
    'other/below/compose.yaml': 'services: {}',
    'other/compose.yaml': 'services: {}',
  });
  t.same(await validate('-f', dir), {
    code: 0,
    stdout: 'task.cloudtask.dev/one valid\ntask.cloudtask.dev/two valid\n',
    stderr: '',
  });
  t.same(await validate('-R', dir), {
    code: 7,
    stdout: '',
    stderr: `inner/b.yml:4:9: error: Task default/one is defined already at a.yaml:1
  3 | metadata:
  4 |   name: one
    |         ^^^
a.yaml#1 (Task default/one) ok
a.yaml#2 (Task default/two) ok
error: 1 problem in 1 of 3 documents; the manifests are invalid
`,
  });
  writeFileSync(join(dir, 'inner/b.yml'), task('three').replace('name: three', 'name: three\n  labels: {"a b": "-"}'));
  t.match(await validate('-R', dir), { code: 7, stderr: /Invalid value: "a b": the name of a label key must/ });
  const cluster = 'apiVersion: cloudtask.dev/v1\nkind: Cluster\nmetadata: {name: eu-west}\nspec: {}\n';
  writeFileSync(join(dir, 'inner/b.yml'), `${cluster}---\n${task('three', '  cluster: eu-wst\n')}`);
  t.match(await validate('-R', dir), {
    code: 0,
    stdout: /three valid/,
    stderr:
      'inner/b.yml:12:12: warning: spec.cluster: no Cluster "eu-wst" among these manifests; did you mean "eu-west"?\n',
  });
  const past = task('four', '  schedules: [{at: "2001-01-01T00:00:00Z"}]\n');
  writeFileSync(join(dir, 'inner/b.yml'), past);
  t.match(await validate('-R', dir), { code: 0, stderr: /warning: / }, 'a schedule that lies in the past');
  t.match(await validate('-f', join(dir, 'other')), { code: 7 }, 'one that is named is read all the same');
  t.match(await validate('-f', join(dir, 'nope')), { code: 2 });
  t.match(await validate(), { code: 2, stderr: /must specify -f/ });
});

t.test('documents of other programs', async (t) => {
  const { dir, validate } = folder(t, {
    'chart.yaml': '{{ if .Values.x }}\nkind: "{{ y }}\n',
    'mixed.yaml': `apiVersion: v1\nkind: ConfigMap\n---\n- a list\n---\n${task('one')}`,
  });
  t.same(await validate('--ignore-foreign', dir), { code: 0, stdout: 'task.cloudtask.dev/one valid\n', stderr: '' });
  t.match(await validate(dir), { code: 7 });
  writeFileSync(join(dir, 'mixed.yaml'), `kind: ConfigMap\n---\n${task('One')}`);
  t.match(await validate('--ignore-foreign', dir), { code: 7, stderr: /in 1 of 1 document;/ });
});

t.test('forms for programs: data on stdout, exit 7', async (t) => {
  const { dir, validate } = folder(t, { 't.yaml': BAD });
  const as = async (format: string) => {
    const { code, stdout, stderr } = await validate('-o', format, dir);
    t.same({ code, stderr }, { code: 7, stderr: '' }, format);
    return stdout;
  };
  t.match(JSON.parse(await as('json')), {
    valid: false,
    documents: 2,
    objects: [{ file: 't.yaml', document: 2, kind: 'Task', namespace: 'billing', name: 'b' }],
    problems: [
      { file: 't.yaml', line: 9, column: 3, reason: 'FieldUnknown', severity: 'error', field: 'spec.concurencyPolicy' },
      { file: 't.yaml', line: 12, column: 13, document: 1 },
    ],
  });
  t.equal(
    await as('github'),
    '::error file=t.yaml,line=9,col=3,title=FieldUnknown::unknown field "spec.concurencyPolicy"; did you mean "concurrencyPolicy"?\n' +
      '::error file=t.yaml,line=12,col=13,title=FieldValueInvalid::spec.schedules[0].cron: Invalid value: "61 * * * *": minute must be 0 to 59\n',
  );
  const sarif = JSON.parse(await as('sarif'));
  t.match(sarif, { version: '2.1.0', runs: [{ tool: { driver: { name: 'ctask', semanticVersion: '1.2.3' } } }] });
  t.match(sarif.runs[0].results, [
    {
      ruleId: 'FieldUnknown',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 't.yaml' },
            region: { startLine: 9, startColumn: 3 },
          },
        },
      ],
    },
    { ruleId: 'FieldValueInvalid' },
  ]);
  t.equal(
    await as('junit'),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ctask validate">
  <testsuite name="t.yaml" tests="2" failures="1">
    <testcase classname="t.yaml" name="document 1">
      <failure type="FieldUnknown" message="unknown field &quot;spec.concurencyPolicy&quot;; did you mean &quot;concurrencyPolicy&quot;?">t.yaml:9:3: unknown field &quot;spec.concurencyPolicy&quot;; did you mean &quot;concurrencyPolicy&quot;?</failure>
      <failure type="FieldValueInvalid" message="spec.schedules[0].cron: Invalid value: &quot;61 * * * *&quot;: minute must be 0 to 59">t.yaml:12:13: spec.schedules[0].cron: Invalid value: &quot;61 * * * *&quot;: minute must be 0 to 59</failure>
    </testcase>
    <testcase classname="t.yaml" name="Task billing/b"/>
  </testsuite>
</testsuites>
`,
  );
  writeFileSync(join(dir, 't.yaml'), task('fine'));
  t.match(await validate('-o', 'github', dir), { code: 0, stdout: '', stderr: '' });
  t.match(JSON.parse((await validate('-o', 'json', dir)).stdout), { valid: true, problems: [] });
  t.match(await validate('-o', 'xml', dir), {
    code: 2,
    stderr: /allowed formats are: text, json, github, sarif, junit/,
  });
});

t.test('G-05: fmt', async (t) => {
  const untidy = 'kind: Namespace\napiVersion: cloudtask.dev/v1 # v\nmetadata: {name: a}\n';
  const tidy = 'apiVersion: cloudtask.dev/v1 # v\nkind: Namespace\nmetadata: {name: a}\n';
  const { dir, user } = folder(t, { 'a.yaml': untidy, 'b.yaml': tidy, 'other.yaml': 'kind:   ConfigMap\n' });
  const fmt = (...args: string[]) => user.run(['fmt', ...args], { env, input: untidy });
  const a = join(dir, 'a.yaml');
  t.same(await fmt('--check', dir), { code: 1, stdout: `${a}\n`, stderr: '' });
  t.same(await fmt('-f', '-'), { code: 0, stdout: tidy, stderr: '' });
  t.same(await fmt(dir), { code: 0, stdout: `${a}\n`, stderr: '' });
  t.same(await fmt('--check', dir), { code: 0, stdout: '', stderr: '' });
  writeFileSync(a, untidy);
  writeFileSync(join(dir, 'c.yaml'), 'a: [\n# cloudtask.dev/v1');
  t.match(await fmt(dir), { code: 7, stdout: '', stderr: /c\.yaml: / });
  t.same(await fmt('--check', a), { code: 1, stdout: `${a}\n`, stderr: '' }, 'nothing is written when one is broken');
});

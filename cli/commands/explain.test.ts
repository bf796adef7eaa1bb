import t from 'tap';
import { type FieldNode, findField, kinds } from '../../manifests/index.js';
import { CliUser } from '../../test/support/cli-terminal.js';

/** Nothing listens there: what asks a server fails. */
const env = { CTASK_SERVER: 'http://127.0.0.1:1' };

t.test('C-54: a field, offline', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const explain = (path: string) => user.type(`explain ${path}`, { env });
  t.same(await explain('task.spec.missedRunPolicy'), {
    code: 0,
    stdout: `GROUP:      cloudtask.dev
KIND:       Task
VERSION:    v1

FIELD: missedRunPolicy <string>

ENUM:
    Skip
    RunOnce
    RunAll

DEFAULT:
    RunOnce

DESCRIPTION:
    Of the time points older than startingDeadline: record all as Missed, run
    the latest unless a younger one is due, or run all in order.
`,
    stderr: '',
  });
  t.match(await explain('tk.spec.retry.limit'), { stdout: /DEFAULT:\n {4}0\n\nFORMAT:\n {4}0 to 100\n/ });
  t.match(await explain('task.spec.schedules[0].cron'), { stdout: /EXAMPLES:\n {4}0 2 \* \* \*\n/ });
  t.match(await explain('tasks.cloudtask.dev'), { stdout: /^ {2}spec\t<Object> -required-$/m });
  t.match(await explain('task.metadata.labels'), { stdout: /^FIELD: labels <map\[string\]string>$/m });
  const { stdout } = await explain('task.spec --recursive');
  t.match(stdout, /^ {2}schedules\t<\[\]Object>\n {4}name\t<string>\n {4}cron\t<string>$/m);
  t.match(stdout, /^ {2}concurrencyPolicy\t<string>\n {2}enum: Allow, Forbid, Queue, Replace$/m);
  t.notMatch(stdout, /IANA/, 'no descriptions of fields');
});

t.test('C-54: what does not exist', async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const table: [string, string][] = [
    ['task.spec.schedule', 'error: field "schedule" does not exist; did you mean "schedules"?\n'],
    ['task.spec.schedules.zzz.a', 'error: field "zzz" does not exist\n'],
    ['task.spec.timeout.x', 'error: field "x" does not exist\n'],
    ['tsk', 'error: couldn\'t find resource for "tsk"\nDid you mean this?\n\ttask\n'],
    [
      'task --api-version v2',
      'error: couldn\'t find resource for "v2"\nhint: the version served is cloudtask.dev/v1\n',
    ],
  ];
  for (const [line, stderr] of table)
    t.same(await user.type(`explain ${line}`, { env }), { code: 2, stdout: '', stderr }, line);
});

function* leaves(field: FieldNode, path: string): Generator<[string, FieldNode]> {
  yield [path, field];
  for (const inner of field.fields) yield* leaves(inner, `${path}.${inner.name}`);
}

t.test('A-31: every field of every kind is explained', async (t) => {
  for (const { kind } of kinds) {
    const found = findField(kind, []);
    if (!('field' in found)) throw new Error(kind);
    for (const [path, field] of leaves(found.field, kind)) {
      t.ok(field.description, `${path} has a description`);
      t.notMatch(field.type, /any|undefined/, `${path} has a type: ${field.type}`);
    }
  }
});

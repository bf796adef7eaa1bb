import t from 'tap';
import { validateObject } from './validate-object.js';

const task = (parameters: unknown, spec: object = {}) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name: 'a' },
  spec: { run: { command: ['true'] }, parameters, ...spec },
});

const messages = (parameters: unknown, spec?: object) =>
  validateObject(task(parameters, spec)).causes.map(({ message }) => message);

t.test('parameters and their defaults', async (t) => {
  const { object, causes } = validateObject(
    task(
      [
        { name: 'n', type: 'Integer', default: '3', minimum: 1, maximum: 5 },
        { name: 'region', values: ['eu', 'us'] },
      ],
      {
        run: { command: ['echo', '--n=$(params.n)'], env: [{ name: 'R', value: '$(params.region)' }] },
      },
    ),
  );
  t.strictSame(causes, []);
  t.match(object, { spec: { parameters: [{ name: 'n' }, { name: 'region', type: 'String', values: ['eu', 'us'] }] } });
});

t.test('what is wrong with a declaration, all at once', async (t) => {
  t.strictSame(
    messages([
      { name: 'a', type: 'Integer', default: 'x', maxLength: 3 },
      { name: 'a' },
      { name: 'dry-run', minimum: 1, values: ['x', 'x'] },
      { name: 'dry_run', type: 'Boolean', default: 'no', values: ['true'] },
      { name: 'low', type: 'Number', minimum: 5, maximum: 1, values: ['7', 'many'] },
    ]),
    [
      'spec.parameters[0].maxLength: Forbidden: goes with type String only',
      'spec.parameters[0].default: Invalid value: "x": must be a whole number such as 3',
      'spec.parameters[1].name: Duplicate value: "a"',
      'spec.parameters[2].minimum: Forbidden: goes with type Integer and Number only',
      'spec.parameters[2].values[1]: Duplicate value: "x"',
      'spec.parameters[3].values: Forbidden: does not go with Boolean',
      'spec.parameters[3].default: Invalid value: "no": must be true or false',
      'spec.parameters[3].name: Invalid value: "dry_run": "dry-run" becomes CTASK_PARAM_DRY_RUN as well',
      'spec.parameters[4].maximum: Invalid value: 1: is less than minimum 5',
      'spec.parameters[4].values[0]: Invalid value: "7": must be at most 1',
      'spec.parameters[4].values[1]: Invalid value: "many": must be a number such as 0.5',
    ],
  );
  t.strictSame(messages([{ name: 'a', default: 3 }]), [
    'spec.parameters[0].default: Invalid type: number: must be a string; write "3" in quotes',
  ]);
  t.strictSame(messages([{ name: '2a' }, { name: 'b', typ: 'Integer' }, { name: 'c', type: 'integer' }]), [
    'spec.parameters[0].name: Invalid value: "2a": must begin with a letter, and go on with letters, digits, "-" and "_"',
    'unknown field "spec.parameters[1].typ"; did you mean "type"?',
    'spec.parameters[2].type: Unsupported value: "integer": supported values: "String", "Integer", "Number", "Boolean"; did you mean "Integer"?',
  ]);
  const long = 'x'.repeat(40_000);
  t.match(
    messages([
      { name: 'a', default: long },
      { name: 'b', default: long },
    ]),
    [/^spec\.parameters: Too long/],
  );
});

t.test('who is due by a schedule is given nothing: what is required needs a default', async (t) => {
  const schedules = [{ cron: '0 2 * * *' }];
  const needed = { name: 'a', required: true };
  t.strictSame(messages([needed]), []);
  t.strictSame(messages([{ ...needed, default: 'x' }], { schedules }), []);
  t.strictSame(messages([needed], { schedules }), [
    'spec.parameters[0].default: Required value: the task is due without anybody who could give a value',
  ]);
  t.match(messages([needed], { after: { tasks: [{ name: 'b' }] } }), [
    /^spec\.parameters\[0\]\.default: Required value/,
  ]);
});

t.test('references go to parameters, and never to a shell', async (t) => {
  const a = [{ name: 'region' }];
  const run = (...command: string[]) => messages(a, { run: { command } });
  t.strictSame(run('echo', '$(params.regio)'), [
    'spec.run.command[1]: Invalid value: "$(params.regio)": "regio" is no parameter of the task; did you mean "region"?',
  ]);
  t.strictSame(messages(undefined, { run: { command: ['true'], env: [{ name: 'A', value: '$(params.x)' }] } }), [
    'spec.run.env[0].value: Invalid value: "$(params.x)": "x" is no parameter of the task; spec.parameters declares none',
  ]);
  t.match(run('$(params.region)'), [
    'spec.run.command[0]: Forbidden: which program runs may not depend on a parameter',
  ]);
  const read =
    'Forbidden: a shell would execute what the value of "region" holds; take it from the variable CTASK_PARAM_REGION';
  t.strictSame(run('sh', '-c', 'echo $(params.region)'), [`spec.run.command[2]: ${read}`]);
  t.strictSame(run('/bin/bash', '-ec', '-x', 'echo $(params.region)'), [`spec.run.command[3]: ${read}`]);
  t.strictSame(run('C:\\Windows\\cmd.exe', '/c', 'echo $(params.region)'), [`spec.run.command[2]: ${read}`]);
  for (const safe of [
    ['sh', '-c', 'echo "$1"', 'sh', '$(params.region)'],
    ['sh', '/opt/x.sh', '$(params.region)'],
    ['tar', '-c', '$(params.region)'],
    ['sh', '-c', 'echo $$(params.region)'],
  ]) {
    t.strictSame(run(...safe), [], safe.join(' '));
  }
});

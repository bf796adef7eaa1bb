import fc from 'fast-check';
import t from 'tap';
import type { TaskParameter } from '../kinds/task-parameters.js';
import { valueProblem } from './parameter-value.js';
import { PARAMETERS_MAX_BYTES, resolveParameters } from './resolve-parameters.js';
import {
  expandParameters,
  parameterEnvironment,
  parameterReferences,
  parameterValues,
  parameterVariable,
} from './run-parameters.js';

t.test('which texts are values of which parameter', async (t) => {
  const cases: readonly [Omit<TaskParameter, 'name'>, readonly string[], Readonly<Record<string, string>>][] = [
    [{}, ['', 'a b', '1', '$(rm -rf /)', 'two\nlines'], { 'a\0b': 'no process can be given a NUL byte' }],
    [{ maxLength: 2 }, ['ab', '😀😀'], { abc: 'may not have more than 2 characters' }],
    [
      { type: 'Integer', minimum: -1, maximum: 10 },
      ['-1', '0', '10'],
      {
        ...{ '': 'must be a whole number such as 3', '1.0': 'must be a whole number such as 3' },
        ...{ '07': 'must be a whole number such as 3', ' 1': 'must be a whole number such as 3' },
        ...{ '-2': 'must be at least -1', '11': 'must be at most 10' },
        '9007199254740993': 'must be at most 9007199254740991, and at least the same below nought',
      },
    ],
    [
      { type: 'Number', maximum: 1 },
      ['0.5', '-3', '1e-3'],
      {
        ...{ '0x1': 'must be a number such as 0.5', '.5': 'must be a number such as 0.5' },
        ...{
          NaN: 'must be a number such as 0.5',
          '1e999': 'must be a number such as 0.5',
          '1.01': 'must be at most 1',
        },
      },
    ],
    [{ type: 'Boolean' }, ['true', 'false'], { yes: 'must be true or false', True: 'must be true or false' }],
    [
      { values: ['eu', 'us'] },
      ['eu', 'us'],
      { ue: 'must be one of "eu", "us"', EU: 'must be one of "eu", "us"; did you mean "eu"?' },
    ],
  ];
  for (const [declared, good, bad] of cases) {
    for (const text of good) t.equal(valueProblem(declared, text), undefined, JSON.stringify(text));
    for (const [text, said] of Object.entries(bad)) t.equal(valueProblem(declared, text), said, JSON.stringify(text));
  }
});

const DECLARED: readonly TaskParameter[] = [
  { name: 'region', required: true, description: 'Which one.', values: ['eu', 'us'] },
  { name: 'count', type: 'Integer', default: '3' },
  { name: 'dry-run', type: 'Boolean', default: 'false' },
  { name: 'note' },
];

t.test('what is given, and the defaults for the rest, in the order of the declaration', async (t) => {
  t.strictSame(resolveParameters(DECLARED, { 'dry-run': true, count: 7, region: 'eu' }), {
    values: [
      { name: 'region', value: 'eu' },
      { name: 'count', value: '7' },
      { name: 'dry-run', value: 'true' },
    ],
    causes: [],
  });
  const again = Object.fromEntries([
    ['region', 'us'],
    ['count', '3'],
    ['dry-run', 'false'],
    ['note', ''],
  ]);
  const { values } = resolveParameters(DECLARED, again);
  t.strictSame(Object.fromEntries(values.map(({ name, value }) => [name, value])), again, 'twice is the same');
});

t.test('all that is wrong is told at once, with its field', async (t) => {
  const { causes } = resolveParameters(DECLARED, { regin: 'eu', count: 'many', note: 5, 'dry-run': null });
  t.strictSame(causes, [
    {
      ...{ reason: 'FieldValueNotSupported', field: 'parameters.regin' },
      message: 'unknown parameter "regin"; did you mean "region"?',
    },
    {
      reason: 'FieldValueRequired',
      message: 'parameters.region: Required value: Which one.',
      field: 'parameters.region',
    },
    {
      ...{ reason: 'FieldValueInvalid', field: 'parameters.count' },
      message: 'parameters.count: Invalid value: "many": must be a whole number such as 3',
    },
    {
      ...{ reason: 'FieldValueInvalid', field: 'parameters.dry-run' },
      message: 'parameters.dry-run: Invalid value: null: must be of type Boolean',
    },
    {
      ...{ reason: 'FieldValueInvalid', field: 'parameters.note' },
      message: 'parameters.note: Invalid value: 5: must be a text',
    },
  ]);
  t.match(resolveParameters([], { a: 'b' }).causes, [{ message: 'unknown parameter "a"; the task declares none' }]);
  t.match(resolveParameters([], { toString: 'b' }).causes, [{ field: 'parameters.toString' }]);
});

t.test('the values of a run have a bound, in bytes', async (t) => {
  const declared = [{ name: 'a' }];
  const room = PARAMETERS_MAX_BYTES - 1;
  t.strictSame(resolveParameters(declared, { a: 'x'.repeat(room) }).causes, []);
  t.match(resolveParameters(declared, { a: 'x'.repeat(room + 1) }).causes, [
    { field: 'parameters', reason: 'FieldValueTooLong', message: /65537 bytes .* at most 65536/ },
  ]);
  t.match(resolveParameters(declared, { a: 'é'.repeat(room) }).causes, [{ reason: 'FieldValueTooLong' }]);
});

t.test('variables of parameters are what the run says', async (t) => {
  t.equal(parameterVariable('dry-run'), 'CTASK_PARAM_DRY_RUN');
  t.equal(parameterVariable('dryRun_2'), 'CTASK_PARAM_DRYRUN_2');
  const values = parameterValues(DECLARED, [{ name: 'region', value: 'eu' }]);
  const before = { PATH: '/bin', CTASK_PARAM_REGION: 'forged', ctask_param_note: 'forged' };
  t.strictSame(parameterEnvironment(before, values), {
    ...{ PATH: '/bin', CTASK_PARAM_COUNT: '3', CTASK_PARAM_DRY_RUN: 'false', CTASK_PARAM_REGION: 'eu' },
  });
});

t.test('a reference is replaced once, by exactly the value', async (t) => {
  const values = new Map([
    ['a', '1'],
    ['evil', '$(params.a) $& $1 "; rm -rf /'],
  ]);
  const cases = {
    '--n=$(params.a)$(params.a)': '--n=11',
    '$$(params.a)': '$(params.a)',
    '$(params.none)': '',
    '$(date) $a $(params.a': '$(date) $a $(params.a',
    '$(params.evil)': '$(params.a) $& $1 "; rm -rf /',
  };
  for (const [text, expanded] of Object.entries(cases)) t.equal(expandParameters(text, values), expanded, text);
  t.strictSame(parameterReferences('$(params.a) $$(params.b) $(params.c-d)'), ['a', 'c-d']);
});

t.test('whatever a value is, the argument around it stays as it was', async () => {
  const property = fc.property(fc.string(), fc.string(), fc.string(), (value, before, after) => {
    fc.pre(!/\$$/.test(before) && !(before + after).includes('$(params.'));
    return expandParameters(`${before}$(params.x)${after}`, new Map([['x', value]])) === before + value + after;
  });
  fc.assert(property);
});

import t from 'tap';
import type { TaskParameter } from '../../../manifests/index.js';
import type { Field } from '../navigation/dialog.js';
import { parameterForm } from './parameter-form.js';

const DECLARED: readonly TaskParameter[] = [
  { name: 'count', type: 'Integer', default: '3', minimum: 1, maximum: 9, description: 'How many.' },
  { name: 'region', required: true, values: ['eu', 'us'] },
  { name: 'dry-run', type: 'Boolean' },
  { name: 'note', default: 'none' },
  { name: 'text', default: 'two\nlines' },
  { name: 'who', required: true },
];

const type = (field: Field | undefined, value: string) => {
  if (field === undefined || 'options' in field) throw new Error('no field of text');
  field.value = value;
};
const choose = (field: Field | undefined, option: string) => {
  if (field === undefined || !('options' in field)) throw new Error('no choice');
  field.chosen = field.options.indexOf(option);
};

t.test('the defaults stand in the fields; what is left out is left to the task (T-27)', async (t) => {
  const { fields, given, needed, problem } = parameterForm(DECLARED);
  t.match(fields, [
    { label: 'count', value: '3' },
    { label: 'region', options: ['<none>', 'eu', 'us'], chosen: 0 },
    { label: 'dry-run', options: ['<none>', 'true', 'false'], chosen: 0 },
    { label: 'note', value: 'none' },
    { label: 'text', value: '', hint: 'its default' },
    { label: 'who', value: '', hint: 'required' },
  ]);
  t.strictSame(given(), { count: '3', note: 'none' });
  t.equal(needed, 1);
  t.equal(problem(), 'region is required');
  choose(fields[1], 'us');
  t.equal(problem(), 'who is required');
  type(fields[5], 'me');
  type(fields[3], '');
  choose(fields[2], 'false');
  t.equal(problem(), undefined);
  t.strictSame(given(), { count: '3', region: 'us', 'dry-run': 'false', note: '', who: 'me' });
});

t.test('what is typed is held against the declaration at once', async (t) => {
  const { fields, note, problem } = parameterForm(DECLARED.slice(0, 1));
  t.strictSame(note(0), { text: 'How many. · Integer, 1 to 9', wrong: false });
  t.equal(note(1), undefined, 'nothing is wrong');
  type(fields[0], '30');
  t.strictSame(note(0), { text: 'count must be at most 9', wrong: true });
  t.strictSame(note(1), { text: 'count must be at most 9', wrong: true }, 'also when another field has the focus');
  t.equal(problem(), 'count must be at most 9');
  type(fields[0], '');
  t.equal(problem(), 'count must be a whole number such as 3');
});

t.test('a task without parameters has no form', async (t) => {
  const form = parameterForm([]);
  t.strictSame([form.fields, form.given(), form.problem(), form.needed], [[], {}, undefined, undefined]);
});

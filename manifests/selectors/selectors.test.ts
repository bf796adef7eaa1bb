import t, { type Test } from 'tap';
import { isCloudTaskError } from '../../base/index.js';
import { matchesFields, parseFieldSelector } from './field-selector.js';
import { matchesLabels, matchesSelector, parseLabelSelector, selectorRequirements } from './label-selector.js';

const refused = (t: Test, parse: () => unknown, text: string) => {
  try {
    parse();
    t.fail(`${text} must be refused`);
  } catch (error) {
    t.ok(isCloudTaskError(error, 'CT_BAD_REQUEST'), text);
  }
};

t.test('label selectors are read (C-46)', async (t) => {
  t.strictSame(parseLabelSelector('a=b,c in (x, y),!d, e != f ,g notin (),h==,i/j'), [
    { key: 'a', operator: '=', values: ['b'] },
    { key: 'c', operator: 'in', values: ['x', 'y'] },
    { key: 'd', operator: '!exists', values: [] },
    { key: 'e', operator: '!=', values: ['f'] },
    { key: 'g', operator: 'notin', values: [''] },
    { key: 'h', operator: '=', values: [''] },
    { key: 'i/j', operator: 'exists', values: [] },
  ]);
  t.strictSame(parseLabelSelector('  '), []);
  t.strictSame(parseLabelSelector('in in (in)'), [{ key: 'in', operator: 'in', values: ['in'] }]);
});

t.test('label selectors are refused (A-09, C-46)', async (t) => {
  const bad = [
    '=',
    ',',
    'a,',
    'a==b=c',
    'a in',
    'a in x',
    'a in (x',
    'a in (x y)',
    '!',
    '!a=b',
    'a>1',
    'a b',
    '-a=b',
    'a=-b',
    'a=b)',
    `a=${'x'.repeat(5000)}`,
  ];
  for (const text of bad) refused(t, () => parseLabelSelector(text), text.slice(0, 20));
});

t.test('labels match', async (t) => {
  const labels = { team: 'fin', tier: '' };
  const table: Record<string, boolean> = {
    '': true,
    'team=fin': true,
    'team=ops': false,
    'team!=ops': true,
    'other!=x': true,
    'team in (ops,fin)': true,
    'team notin (ops)': true,
    'team notin (fin)': false,
    'other notin (x)': true,
    'tier=': true,
    tier: true,
    other: false,
    '!other': true,
    '!team': false,
    'team=fin,other': false,
    toString: false,
  };
  for (const [selector, wanted] of Object.entries(table)) {
    t.equal(matchesLabels(parseLabelSelector(selector), labels), wanted, selector);
  }
  t.equal(matchesLabels(parseLabelSelector('!a'), undefined), true);
});

t.test('selectors of manifests mean the same (A-09)', async (t) => {
  const selector = {
    matchLabels: { disk: 'ssd' },
    matchExpressions: [
      { key: 'zone', operator: 'In' as const, values: ['a', 'b'] },
      { key: 'gpu', operator: 'DoesNotExist' as const },
    ],
  };
  t.strictSame(selectorRequirements(selector), parseLabelSelector('disk=ssd,zone in (a,b),!gpu'));
  t.equal(matchesSelector(selector, { disk: 'ssd', zone: 'b' }), true);
  t.equal(matchesSelector(selector, { disk: 'ssd', zone: 'b', gpu: '' }), false);
  t.equal(matchesSelector(undefined, {}), true);
});

t.test('field selectors (C-47)', async (t) => {
  t.strictSame(parseFieldSelector('status.state=Running, spec.task!=a ,metadata.name==b'), [
    { field: 'status.state', operator: '=', value: 'Running' },
    { field: 'spec.task', operator: '!=', value: 'a' },
    { field: 'metadata.name', operator: '=', value: 'b' },
  ]);
  t.strictSame(parseFieldSelector(''), []);
  t.strictSame(parseFieldSelector(String.raw`a=x\,y\=z\\,b=1`), [
    { field: 'a', operator: '=', value: String.raw`x,y=z\ `.trim() },
    { field: 'b', operator: '=', value: '1' },
  ]);
  for (const text of ['a', '=b', 'a=b,', 'a>b', ',', `a=${'x'.repeat(5000)}`])
    refused(t, () => parseFieldSelector(text), text.slice(0, 20));
  try {
    parseFieldSelector('status.stat=x', ['status.state']);
    t.fail('must be refused');
  } catch (error) {
    t.match(error, {
      message: /"status.stat" cannot be selected by; did you mean "status.state"\?; known are metadata.name/,
    });
  }
});

t.test('one of several values', async (t) => {
  t.strictSame(parseFieldSelector('status.state in (Failed, Lost),spec.task=x'), [
    { field: 'status.state', operator: 'in', values: ['Failed', 'Lost'] },
    { field: 'spec.task', operator: '=', value: 'x' },
  ]);
  const run = { spec: { task: 'x' }, status: { state: 'Lost' } };
  t.equal(matchesFields(parseFieldSelector('spec.task=x,status.state in (Failed,Lost)'), run), true);
  t.equal(matchesFields(parseFieldSelector('status.state in (Failed)'), run), false);
  t.equal(matchesFields(parseFieldSelector('status.agent in (a,)'), run), true, 'absent is empty');
  for (const text of ['status.state in (a', 'status.state in a', 'status.state in (a) b', 'in (a)']) {
    refused(t, () => parseFieldSelector(text), text);
  }
  t.throws(() => parseFieldSelector('status.state in (Failed,lost)', ['status.state'], () => ['Failed', 'Lost']), {
    message: /status\.state is never "lost"; did you mean "Lost"/,
  });
});

t.test('fields that are called otherwise elsewhere are suggested', async (t) => {
  const fields = ['spec.type', 'spec.regarding.name', 'status.state'];
  const table = { 'involvedObject.name': 'spec.regarding.name', type: 'spec.type', 'status.phase': 'status.state' };
  for (const [field, known] of Object.entries(table)) {
    t.throws(() => parseFieldSelector(`${field}=x`, fields), { message: new RegExp(`did you mean "${known}"`) });
  }
});

t.test('fields match', async (t) => {
  const run = { metadata: { name: 'a' }, spec: { task: 'x', revision: 3 } };
  t.equal(matchesFields(parseFieldSelector('spec.task=x,spec.revision=3'), run), true);
  t.equal(matchesFields(parseFieldSelector('spec.task!=x'), run), false);
  t.equal(matchesFields(parseFieldSelector('status.state='), run), true, 'absent is empty');
  t.equal(matchesFields(parseFieldSelector('status.state!=Running'), run), true);
});

t.test('a value that a field never has is refused, with the one that was meant', async (t) => {
  const parse = (text: string) => parseFieldSelector(text, ['status.state'], () => ['Succeeded', 'Failed']);
  t.throws(() => parse('status.state=failed'), {
    message: /status\.state is never "failed"; did you mean "Failed"\?; it is one of Succeeded, Failed/,
  });
  t.throws(() => parse('status.state!=Broken'), { message: /is never "Broken"; it is one of/ });
  t.match(parse('status.state=Failed,status.state!='), [{ value: 'Failed' }, { value: '' }]);
});

import t from 'tap';
import { maskedLines } from './masked-lines.js';

const VALUE = 'hunter2 & "söns"';
const line = (fields: object) => JSON.stringify({ level: 30, part: 'runs', ...fields, msg: 'run started' });

t.test('lines of an agent hold no value of its secrets, in any form', async (t) => {
  const lines = [
    line({ run: 'a' }),
    line({ err: `connect ${VALUE}: refused` }),
    line({ path: `/x?y=${encodeURIComponent(VALUE)}`, task: Buffer.from(VALUE).toString('base64') }),
    ...Array.from({ length: 120 }, (_, n) => line({ n, deep: { err: [VALUE] } })),
  ];
  const { lines: masked, fieldsLeftOut } = await maskedLines(lines, ['other', VALUE]);
  t.equal(fieldsLeftOut, false);
  t.equal(masked.length, lines.length);
  t.equal(masked[0], lines[0]);
  t.notMatch(masked.join('\n'), /hunter2|aHVudGVy/);
  for (const each of masked) t.equal(JSON.parse(each).msg, 'run started');
  t.match(JSON.parse(masked[1]!).err, /^connect \*+: refused$/);
  t.equal(JSON.parse(masked.at(-1)!).n, 119, 'all others are as they were');
});

t.test('a value that would take what makes a line JSON', async (t) => {
  const lines = [line({ task: 'report', slot: '' }), line({ task: 'other' })];
  const { lines: masked } = await maskedLines(lines, ['"task":"report']);
  t.same(JSON.parse(masked[0]!), { level: 30, part: 'runs', msg: 'run started' });
  t.equal(masked[1], lines[1]);
});

t.test('more secrets than can be looked for', async (t) => {
  const lines = [line({ err: VALUE }), line({ run: 'a' })];
  const { lines: masked, fieldsLeftOut } = await maskedLines(lines, [VALUE, 'x'.repeat(70_000)]);
  t.equal(fieldsLeftOut, true);
  for (const each of masked) t.same(JSON.parse(each), { level: 30, part: 'runs', msg: 'run started' });
});

t.test('secrets that are not all known any more', async (t) => {
  const { lines: masked, fieldsLeftOut } = await maskedLines([line({ err: VALUE })], undefined);
  t.equal(fieldsLeftOut, true);
  t.same(
    masked.map((each) => JSON.parse(each)),
    [{ level: 30, part: 'runs', msg: 'run started' }],
  );
});

t.test('an answer within an error, and a line of a value of several', async (t) => {
  const key = '{\n  "private_key": "hunter2hunter2"\n}';
  const lines = [
    line({ err: JSON.stringify({ message: `no ${VALUE}` }) }),
    line({ err: 'line 2 of the key: "private_key": "hunter2hunter2"' }),
    line({ err: { body: JSON.stringify({ key }) } }),
  ];
  const { lines: masked } = await maskedLines(lines, [VALUE, key]);
  t.equal(masked.length, 3);
  t.notMatch(masked.join('\n'), /hunter2/);
  t.match(JSON.parse(masked[1]!).err, /^line 2 of the key: \*+$/);
});

t.test('nothing to hide', async (t) => {
  const lines = [line({ run: 'a' })];
  t.same(await maskedLines(lines, []), { lines, fieldsLeftOut: false });
});

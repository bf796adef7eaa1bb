import fc from 'fast-check';
import t from 'tap';
import { type InputEvent, InputSplitter } from './input-splitter.js';

const ESC = '\u001b';
const split = (...chunks: string[]): InputEvent[] => {
  const splitter = new InputSplitter();
  return chunks.flatMap((chunk) => splitter.push(chunk));
};
const keys = (events: InputEvent[]) => events.map((event) => (event.type === 'key' ? event.key : event.type));

t.test('each key is an event of its own', async (t) => {
  t.same(keys(split('jjé😀\r\u0003')), ['j', 'j', 'é', '😀', '\r', '\u0003']);
  t.same(keys(split(`${ESC}[A${ESC}OP${ESC}[1;5C${ESC}[3~x`)), [
    `${ESC}[A`,
    `${ESC}OP`,
    `${ESC}[1;5C`,
    `${ESC}[3~`,
    'x',
  ]);
  t.same(keys(split(`${ESC}[[A${ESC}f${ESC}${ESC}[B`)), [`${ESC}[[A`, `${ESC}f`, `${ESC}${ESC}[B`], 'console, Alt');
});

t.test('an escape alone is the key once it has been waited for', async (t) => {
  const splitter = new InputSplitter();
  t.same(splitter.push(ESC), []);
  t.equal(splitter.pending, 'sequence');
  t.same(keys(splitter.flush()), [ESC]);
  t.equal(splitter.pending, 'none');
  t.same(keys(splitter.push('j')), ['j']);
  t.same(splitter.push(`${ESC}[`), []);
  t.same(keys(splitter.push('A')), [`${ESC}[A`], 'the rest of it came');
});

t.test('what never ends is not kept for ever', async (t) => {
  const splitter = new InputSplitter();
  splitter.push(`${ESC}[`);
  const events = splitter.push('1;'.repeat(100));
  t.ok(events.length > 0);
  t.equal(splitter.pending, 'none');
});

t.test('a paste is text, whatever is in it and however it is cut', async (t) => {
  const text = `:runs\r${ESC}[A q`;
  const bytes = `a${ESC}[200~${text}${ESC}[201~b`;
  const whole = split(bytes);
  t.same(whole, [
    { type: 'key', key: 'a' },
    { type: 'paste', text },
    { type: 'key', key: 'b' },
  ]);
  for (let at = 1; at < bytes.length; at++) t.same(split(bytes.slice(0, at), bytes.slice(at)), whole, `cut at ${at}`);
  const [event] = split(`${ESC}[200~${'x'.repeat(100_000)}${ESC}[201~`);
  t.equal(event?.type === 'paste' && event.text.length, 65_536);
  const splitter = new InputSplitter();
  splitter.push(`${ESC}[200~lost`);
  t.equal(splitter.pending, 'paste');
  t.same(splitter.flush(), [{ type: 'paste', text: 'lost' }]);
  t.same(keys(splitter.push('j')), ['j']);
});

t.test('the mouse (I-15)', async (t) => {
  t.match(split(`${ESC}[<0;10;5M${ESC}[<0;10;5m${ESC}[<48;1;1M`), [
    { type: 'mouse', button: 'left', action: 'press', column: 9, row: 4, turns: 0, shift: false },
    { type: 'mouse', button: 'left', action: 'release' },
  ]);
  t.match(split(`${ESC}[<34;3;4M${ESC}[<4;1;1M`), [
    { button: 'right', action: 'drag', column: 2, row: 3 },
    { button: 'left', shift: true, ctrl: false },
  ]);
  const wheel = split(`${ESC}[<65;1;1M`.repeat(5) + `${ESC}[<64;1;1M`.repeat(2));
  t.match(wheel, [{ button: 'wheel', turns: 3 }]);
  t.equal(wheel.length, 1, 'turns of one moment are one event');
});

t.test('nothing is lost, and nothing throws', async (t) => {
  const part = fc.oneof(
    fc.constantFrom(ESC, `${ESC}[`, `${ESC}O`, '\r', 'j', `${ESC}[A`, `${ESC}[1;2`, '😀', `${ESC}[[`),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (chunks) => {
      const splitter = new InputSplitter();
      const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()];
      if (events.some(({ type }) => type !== 'key')) return; // it has come about by chance
      t.equal(keys(events).join(''), chunks.join(''));
    }),
    { numRuns: 300 },
  );
});

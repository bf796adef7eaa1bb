import fc from 'fast-check';
import t from 'tap';
import { LogParser, type LogPiece } from './log-parser.js';

/** A stretch of one stream, as the center sends it. */
function piece(offset: number, bytes: Uint8Array, stream: LogPiece['stream'] = 'stdout'): LogPiece {
  const data = Buffer.from(bytes).toString('base64');
  return { offset, nextOffset: offset + bytes.length, stream, data };
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

t.test('wherever the bytes of a log are cut, its lines are the same', async (t) => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', ' ', '\u001b') });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat(200)), (lines, cuts) => {
      const bytes = text(`${lines.join('\n')}\n`);
      const places = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
      const parser = new LogParser();
      const found = places.flatMap((from, i) => parser.take(piece(from, bytes.subarray(from, places[i + 1] ?? from))));
      t.same(parser.rest(), []);
      t.same(
        found.map((one) => one.text),
        lines,
      );
      for (const { at, text: words } of found) {
        t.equal(
          new TextDecoder().decode(bytes.subarray(at, at + text(words).length)),
          words,
          'and begin where they say',
        );
      }
    }),
  );
});

t.test('lines of both streams do not run into each other, and what is open is told at the end', async (t) => {
  const parser = new LogParser();
  t.same(parser.take(piece(0, text('out '))), []);
  t.same(parser.take(piece(4, text('err\r\nmore'), 'stderr')), [{ text: 'err', stream: 'stderr', at: 4 }]);
  t.same(parser.take(piece(13, text('put\n'))), [{ text: 'out put', stream: 'stdout', at: 0 }]);
  t.same(parser.rest(), [{ text: 'more', stream: 'stderr', at: 9 }]);
});

t.test('a line without an end comes in parts', async (t) => {
  const parser = new LogParser();
  const found = parser.take(piece(0, text('x'.repeat(150_000))));
  t.same(
    found.map(({ at, text: { length } }) => [at, length]),
    [
      [0, 65_536],
      [65_536, 65_536],
    ],
  );
  t.same(
    parser.take(piece(150_000, text('\nnext\n'))).map(({ at }) => at),
    [131_072, 150_001],
  );
});

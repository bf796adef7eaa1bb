import fc from 'fast-check';
import t from 'tap';
import type { LogPiece, LogPlace } from '../../client/log-follow.js';
import { linesAround } from './log-around.js';
import { logTextOf } from './log-line.js';

const TIME = '2026-11-22T12:00:00.000Z';

interface Written {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** A log as a center would send it from a place on: in pieces of one stream each. */
function logOf(written: readonly Written[]): (from: LogPlace) => AsyncIterable<LogPiece> {
  return async function* read({ attempt, offset: from }) {
    let offset = 0;
    for (const { stream, text } of written) {
      const bytes = Buffer.from(text);
      const nextOffset = offset + bytes.length;
      const skip = Math.max(0, from - offset);
      if (nextOffset > from) {
        yield { offset: offset + skip, nextOffset, attempt, stream, time: TIME, bytes: bytes.subarray(skip) };
      }
      offset = nextOffset;
    }
  };
}

function foundAt(offset: number, text: string, stream: 'stdout' | 'stderr' = 'stdout') {
  const bytes = Buffer.from(text);
  return { line: logTextOf({ stream, attempt: 1, time: TIME, bytes }, 0), offset, nextOffset: offset + bytes.length };
}

const out = (text: string): Written => ({ stream: 'stdout', text });
const err = (text: string): Written => ({ stream: 'stderr', text });
const words = (lines: readonly { text: string }[]) => lines.map(({ text }) => text);

t.test('lines of both streams, before and after', async (t) => {
  const log = logOf([out('one\ntwo\n'), err('oops\n'), out('found\nafter\n'), err('worse\n'), out('end')]);
  const { before, after } = await linesAround(foundAt(13, 'found\n'), log, 2);
  t.same(words(before), ['two', 'oops']);
  t.same(words(after), ['after', 'worse']);
  const all = await linesAround(foundAt(13, 'found\n'), log, 9);
  t.same(words(all.before), ['one', 'two', 'oops']);
  t.same(words(all.after), ['after', 'worse', 'end'], 'also a last line without its end');
});

t.test('the first and the last line of a log', async (t) => {
  const log = logOf([out('one\ntwo')]);
  t.same(await linesAround(foundAt(0, 'one\n'), log, 2).then(({ before, after }) => [words(before), words(after)]), [
    [],
    ['two'],
  ]);
  t.same(await linesAround(foundAt(4, 'two'), log, 2).then(({ before, after }) => [words(before), words(after)]), [
    ['one'],
    [],
  ]);
});

t.test('far in a log only what is near is read (T-41)', async (t) => {
  const line = (i: number) => `line ${String(i).padStart(6, '0')}\n`;
  const log = logOf(Array.from({ length: 20_000 }, (_, i) => out(line(i))));
  let pieces = 0;
  const counted = async function* (from: LogPlace) {
    for await (const piece of log(from)) {
      pieces += 1;
      yield piece;
    }
  };
  const { before, after } = await linesAround(foundAt(15_000 * 12, line(15_000)), counted, 2);
  t.same(words(before), ['line 014998', 'line 014999']);
  t.same(words(after), ['line 015001', 'line 015002']);
  t.ok(pieces < 1500, `${pieces} pieces`);
});

t.test('however a log is cut into pieces, the lines around are the same', async (t) => {
  const lines = Array.from({ length: 12 }, (_, i) => `line ${i}\n`);
  const text = lines.join('');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 30, maxLength: 30 }),
      fc.nat(11),
      async (sizes, which) => {
        const pieces: Written[] = [];
        let at = 0;
        for (const size of [...sizes, text.length]) {
          if (at < text.length) pieces.push(out(text.slice(at, at + size)));
          at += size;
        }
        const offset = lines.slice(0, which).join('').length;
        const { before, after } = await linesAround(foundAt(offset, lines[which] ?? ''), logOf(pieces), 2);
        const expected = [lines.slice(Math.max(0, which - 2), which), lines.slice(which + 1, which + 3)];
        const got = [before, after].map((some) => some.map((line) => `${line.text}\n`));
        if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(JSON.stringify(got));
      },
    ),
    { numRuns: 60 },
  );
  t.pass();
});

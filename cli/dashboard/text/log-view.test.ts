import fc from 'fast-check';
import t from 'tap';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import type { LogPiece } from '../../client/log-follow.js';
import { LOG_PRESETS, presetRequest } from '../views/log-presets.js';
import { logSearchLines } from '../views/log-search.js';
import { logsLines } from '../views/logs.js';
import { LOG_BYTES_MAX, LOG_LINES_MAX, LogBuffer } from './log-buffer.js';
import { LogSearch } from './log-search.js';
import { LogView } from './log-view.js';

const NOW = Date.UTC(2026, 10, 22, 12);
const context = { now: NOW, ascii: false };
let offset = 0;

function piece(text: string, stream: 'stdout' | 'stderr' = 'stdout', at = NOW): LogPiece {
  const bytes = Buffer.from(text);
  offset += bytes.length;
  return {
    offset: offset - bytes.length,
    nextOffset: offset,
    attempt: 1,
    stream,
    time: new Date(at).toISOString(),
    bytes,
  };
}

function viewOf(...pieces: LogPiece[]): { buffer: LogBuffer; view: LogView } {
  const buffer = new LogBuffer();
  for (const one of pieces) buffer.append(one);
  return { buffer, view: new LogView(buffer) };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
const body = (view: LogView, height: number, width = 60) =>
  plainText(view.rows({ width, height }))
    .trimEnd()
    .split('\n')
    .map((line) => line.trimStart());

t.test('a log, as read', async (t) => {
  goldenView(t, 'logs', (size) => {
    const { view } = viewOf(
      piece('loading ledger\n'),
      piece('\u001b[32mok\u001b[0m\taccounts: 1,204\n'),
      piece('warning: rate of 2 currencies is older than a day\n', 'stderr', NOW + 1500),
      piece(
        '\u001b]0;owned\u0007a title that is not set, \u001b[2Ja screen that is not cleared\n',
        'stdout',
        NOW + 2000,
      ),
      piece(
        '日本語の名前 and a line that is longer than the window is wide, which wrapping shows in rows of its own\n',
      ),
    );
    view.toggleTimestamps();
    view.toggleWrap();
    view.mark('12:00:05', new Date(NOW).toISOString());
    return logsLines({ view }, size, context);
  });
});

t.test('what is found in the whole log, as read', async (t) => {
  goldenView(t, 'log-search', (size) => {
    const search = new LogSearch('error');
    for (let i = 0; i < 40; i += 1) search.add(piece(`Error ${i}: no such account\n`, 'stderr', NOW + i * 1000));
    search.finish();
    search.move(20);
    const around = (text: string) => [
      { number: 0, stream: 'stdout', attempt: 1, time: new Date(NOW).toISOString(), text } as const,
    ];
    search.setContext(20, around('posting 20'), around('trying again'));
    return logSearchLines(search, size, context);
  });
});

t.test('lines are whole, colours are kept, nothing else controls', async (t) => {
  const { view } = viewOf(piece('one\ntw'), piece('o\n\u001b[1;31mred\u001b[0m plain \u001b[2J\u009b2J\r\n'));
  t.same(body(view, 4).slice(0, 2), ['one', 'two']);
  t.same(view.line(2), [
    { text: ' ' },
    { text: 'red', style: { bold: true, foreground: 1 } },
    { text: ' plain ^[[2J\\u009b2J' },
  ]);
});

t.test('follows until somebody scrolls up, and again after G or s', async (t) => {
  const { buffer, view } = viewOf(piece(numbered(1, 10)));
  t.same(body(view, 3), ['line 8', 'line 9', 'line 10']);
  view.scroll(-1);
  t.notOk(view.autoscroll);
  buffer.append(piece(numbered(11, 12)));
  t.same(body(view, 3), ['line 7', 'line 8', 'line 9'], 'what comes does not move the window');
  view.toEnd();
  t.same(body(view, 3)[2], 'line 12');
  view.toggleAutoscroll();
  buffer.append(piece(numbered(13, 14)));
  t.same(body(view, 3)[2], 'line 12');
  view.toggleAutoscroll();
  t.same(body(view, 3)[2], 'line 14');
});

t.test('the streams can be switched off, and that is said', async (t) => {
  const { view } = viewOf(piece('a\n'), piece('b\n', 'stderr'), piece('c\n'));
  t.same(body(view, 3), ['a', '┃b', 'c'], 'stderr is told apart without colours');
  t.equal(view.line(1)[1]?.meaning, 'warn');
  view.toggleStream('stdout');
  t.same(body(view, 3), ['┃b']);
  t.match(plainText(logsLines({ view }, { width: 80, height: 5 }, context)), 'Stdout:Off');
});

t.test('a pattern shows the lines that match, with context, and marks them', async (t) => {
  const { buffer, view } = viewOf(piece(numbered(1, 30)));
  view.search('line 1[05]');
  t.same(body(view, 9), ['line 10', 'line 15']);
  view.search('line 1[05]', 1);
  t.same(body(view, 9), ['line 9', 'line 10', 'line 11', 'line 14', 'line 15', 'line 16']);
  t.same(view.line(1)[1], { text: 'line 10', meaning: 'match' });
  view.search('line 3\\d');
  buffer.append(piece(numbered(31, 32)));
  t.same(body(view, 9), ['line 30', 'line 31', 'line 32'], 'also of what comes');
  t.match(plainText(logsLines({ view }, { width: 100, height: 5 }, context)), '</line 3\\d> 3 of 32');
  view.toggleMatchesOnly();
  view.toTop();
  body(view, 4);
  view.nextMatch();
  t.ok(body(view, 4).includes('line 30'));
  view.previousMatch();
  t.ok(body(view, 4).includes('line 32'), 'before the first one comes the last');
  view.search('');
  t.equal(view.counts().shown, 32);
  view.toggleMatchesOnly();
  view.search('nothing like it');
  t.match(plainText(logsLines({ view }, { width: 80, height: 5 }, context)), 'no line here matches </nothing like it>');
});

t.test('a log of 100,000 lines takes bounded memory; the place stays while lines go (T-41)', async (t) => {
  const { buffer, view } = viewOf(piece(numbered(1, 99_000)));
  t.equal(buffer.size, LOG_LINES_MAX);
  body(view, 3);
  view.scroll(-1000);
  const top = body(view, 3)[0];
  buffer.append(piece(numbered(99_001, 100_000)));
  t.equal(body(view, 3)[0], top);
  buffer.append(piece(numbered(100_001, 105_000)));
  t.same(body(view, 3)[0], 'line 100001', 'what is gone is not shown');
  t.equal(buffer.firstNumber, 100_000);
  const large = `${'x'.repeat(60_000)}\n`;
  for (let i = 0; i < 1000; i += 1) buffer.append(piece(large));
  t.ok(buffer.heldBytes <= LOG_BYTES_MAX);
  t.ok(buffer.size >= 400, 'as many as there is room for');
});

t.test('a head keeps the first lines and says that there are more', async (t) => {
  const buffer = new LogBuffer('first');
  buffer.append(piece(numbered(1, 6000)));
  t.equal(buffer.size, LOG_LINES_MAX);
  t.ok(buffer.full);
  const view = new LogView(buffer);
  t.notOk(view.autoscroll);
  t.same(body(view, 2), ['line 1', 'line 2']);
});

t.test('marks, clearing, and what is left of a log that ended', async (t) => {
  const { buffer, view } = viewOf(piece('one\nlast'));
  view.mark('12:00', new Date(NOW).toISOString());
  t.same(body(view, 3), ['one', '──── 12:00 ────', 'last'], 'what has not ended stays below');
  view.clear();
  buffer.finish();
  view.clear();
  t.match(plainText(logsLines({ view, empty: 'cleared' }, { width: 60, height: 3 }, context)), 'cleared');
});

t.test('a line that has not ended is shown, and grows', async (t) => {
  const { buffer, view } = viewOf(piece('one\nloading'));
  t.same(body(view, 3), ['one', 'loading']);
  buffer.append(piece('oops', 'stderr'));
  buffer.append(piece(' 40%'));
  t.same(body(view, 4), ['one', 'loading 40%', '┃oops']);
  view.search('40');
  t.same(body(view, 4), ['loading 40%'], 'a pattern is about it, too');
  view.search('');
  view.toggleStream('stdout');
  t.same(body(view, 4), ['┃oops']);
  view.toggleStream('stdout');
  buffer.append(piece(' 50%\nnext\n'));
  t.same(body(view, 5), ['one', 'loading 40% 50%', 'next', '┃oops']);
  buffer.finish();
  t.same(body(view, 5), ['one', 'loading 40% 50%', 'next', '┃oops']);
  t.equal(view.text(), 'one\nloading 40% 50%\nnext\noops\n');
});

t.test('another attempt begins with a mark; a log that is asked for one attempt has none', async (t) => {
  const { buffer, view } = viewOf(piece('one\nunfinished'), { ...piece('two\n'), attempt: 2 });
  t.same(body(view, 5), ['one', 'unfinished', '──── attempt 2 ────', 'two']);
  buffer.append({ ...piece('more\n'), attempt: 2 });
  t.equal(body(view, 9).filter((line) => line.includes('attempt')).length, 1);
  const second = new LogBuffer('latest', 2);
  second.append({ ...piece('two\n'), attempt: 2 });
  t.same(body(new LogView(second), 2), ['two']);
});

t.test('where one is, how it ended, and what hides lines', async (t) => {
  const { buffer, view } = viewOf(piece(numbered(1, 30)));
  const head = (width: number, state?: string) =>
    plainText(logsLines({ view, ...(state === undefined ? {} : { state }) }, { width, height: 11 }, context))
      .split('\n')
      .at(0);
  t.match(head(80), /^ Autoscroll:On .* 21-30 of 30$/);
  t.match(head(60, 'ended: Failed (exit code 3)'), /^ ended: Failed \(exit code 3\) +21-30 of 30$/);
  t.match(head(44, 'ended: Failed (exit code 3)'), /^ ended: Failed \(exit code 3\) +21-30 of 30$/);
  buffer.append(piece(numbered(31, 6000)));
  t.match(head(80), /4,991-5,000 of the last 5,000$/);
  view.toggleStream('stdout');
  t.match(plainText(logsLines({ view }, { width: 90, height: 5 }, context)), 'hidden: <o> and <e>');
});

t.test('a search of the whole log takes capitals as any other search does', async (t) => {
  t.equal(new LogSearch('error').expression, '(?i)error');
  t.equal(new LogSearch('Error').expression, 'Error');
});

t.test('before something is found it is said what goes on, or what is wrong', async (t) => {
  const search = new LogSearch('no(');
  const shown = () => plainText(logSearchLines(search, { width: 40, height: 5 }, context));
  t.match(shown(), 'searching the whole log…');
  search.fail('regular expression "no(": error parsing regexp');
  t.equal(shown(), ' regular expression "no(": error parsing\n regexp\n');
  const other = new LogSearch('x');
  other.finish();
  t.match(plainText(logSearchLines(other, { width: 80, height: 5 }, context)), 'no line of the whole log matches');
});

t.test('a found line that is long is shown in rows while it is selected', async (t) => {
  const search = new LogSearch('x');
  search.add(piece(`${'word '.repeat(30)}x\n`));
  search.add(piece('x\n'));
  const rows = () =>
    plainText(logSearchLines(search, { width: 60, height: 10 }, context))
      .trimEnd()
      .split('\n');
  t.equal(rows().length, 5);
  search.move(1);
  t.equal(rows().length, 2);
  t.match(rows()[0], /…$/);
});

t.test('the digits ask for a part of the log (T-40)', async (t) => {
  t.same(presetRequest(LOG_PRESETS[0]!, NOW), { tail: 100 });
  t.same(presetRequest(LOG_PRESETS[1]!, NOW), {});
  t.same(presetRequest(LOG_PRESETS[6]!, NOW), { since: '2026-11-22T11:00:00.000Z' });
});

type Step = (view: LogView, buffer: LogBuffer) => void;

t.test('any output in any window takes exactly its cells', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc
      .array(fc.constantFrom('\u001b[1;31m', '\u001b[38;2;1;2;3m', '\u001b[0m', 'text', '\t', '日', '\r'), {
        maxLength: 9,
      })
      .map((all) => all.join('')),
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(text, fc.constantFrom('stdout', 'stderr')).map(
      ([written, stream]): Step =>
        (_, buffer) =>
          buffer.append(piece(written, stream)),
    ),
    fc.integer({ min: -30, max: 30 }).map(
      (rows): Step =>
        (view) =>
          view.scroll(rows),
    ),
    fc.tuple(fc.string({ maxLength: 2 }), fc.nat(3)).map(
      ([source, lines]): Step =>
        (view) =>
          view.search(source, lines),
    ),
    fc.constantFrom<Step>(
      (view) => view.toggleWrap(),
      (view) => view.toggleTimestamps(),
      (view) => view.toggleStream('stderr'),
      (view) => view.toggleMatchesOnly(),
      (view) => view.toggleAutoscroll(),
      (view) => view.nextMatch(),
      (view) => view.previousMatch(),
      (view) => view.clear(),
      (view) => view.mark(' here ', ''),
    ),
  );
  const size = fc.record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), size, fc.boolean(), (steps, size, ascii) => {
      const { buffer, view } = viewOf();
      for (const one of steps) {
        one(view, buffer);
        const wrong = misfit(logsLines({ view }, size, { now: NOW, ascii }), size);
        if (wrong !== undefined) throw new Error(wrong);
      }
    }),
  );
});

// The judge is a terminal: after any sequence of frames its screen is the last one.
import xterm from '@xterm/headless';
import fc from 'fast-check';
import t from 'tap';
import { FramePainter } from './frame-painter.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const CLEARED = /\u001b\[[23]J/;
const size = { columns: 12, rows: 5 };

class TestTerminal {
  private readonly terminal: InstanceType<typeof xterm.Terminal>;

  constructor({ columns, rows } = size) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => this.terminal.write(text, resolve));
  }

  rows(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, row) => {
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? '';
    });
  }

  get scrolled(): number {
    return this.terminal.buffer.active.baseY;
  }
}

t.test('only what differs is written', async (t) => {
  const painter = new FramePainter();
  painter.paint('one\ntwo\nthree', size.rows);
  t.equal(painter.paint('one\ntwo\nthree', size.rows), '');
  const changes = painter.paint('one\nTWO\nthree', size.rows);
  t.match(changes, 'TWO');
  t.notMatch(changes, /one|three/);
  t.ok(changes.startsWith('\u001b[?2026h') && changes.endsWith('\u001b[?2026l'), 'at once (I-07)');
  painter.forget();
  t.match(painter.paint('one\nTWO\nthree', size.rows), /one.*TWO.*three/s);
});

t.test('a full row keeps its last cell, and the screen does not scroll', async (t) => {
  const terminal = new TestTerminal();
  const painter = new FramePainter();
  const full = Array.from({ length: size.rows }, (_, row) => String(row).repeat(size.columns));
  await terminal.write(painter.paint(full.join('\n'), size.rows));
  t.same(terminal.rows(), full);
  await terminal.write(painter.paint([...full.slice(0, -1), 'short'].join('\n'), size.rows));
  t.same(terminal.rows(), [...full.slice(0, -1), 'short']);
  t.equal(terminal.scrolled, 0);
});

t.test('any frame after any other', async (t) => {
  const cell = fc.constantFrom('a', 'b', ' ', 'é', '日', '\u001b[31mr\u001b[39m', '\u001b[7mi\u001b[27m');
  const line = fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(''));
  const frame = fc.array(line, { maxLength: 7 }).map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const terminal = new TestTerminal();
      const painter = new FramePainter();
      for (const each of frames) {
        const changes = painter.paint(each, size.rows);
        t.notOk(CLEARED.test(changes), 'nothing is cleared (I-04)');
        await terminal.write(changes);
      }
      const fresh = new TestTerminal();
      await fresh.write(new FramePainter().paint(frames.at(-1)!, size.rows));
      t.same(terminal.rows(), fresh.rows());
    }),
    { numRuns: 60 },
  );
});

// Keyboard and screen on a terminal that the test plays.
import { EventEmitter } from 'node:events';
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import type { TerminalDevice } from './device.js';
import { Keyboard } from './keyboard.js';
import { Screen } from './screen.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const CLEARED = /\u001b\[[23]J/;

class PlayedTerminal {
  raw = false;
  flowing = false;
  written = '';
  full = false;
  readonly stdin = Object.assign(new EventEmitter(), {
    setRawMode: (raw: boolean) => {
      this.raw = raw;
    },
    resume: () => {
      this.flowing = true;
    },
    pause: () => {
      this.flowing = false;
    },
  });
  readonly stdout = Object.assign(new EventEmitter(), {
    ...{ columns: 20, rows: 3 },
    write: (text: string) => {
      this.written += text;
      return !this.full;
    },
  });

  get device(): TerminalDevice {
    return { stdin: this.stdin, stdout: this.stdout, writeNow: () => undefined } as unknown as TerminalDevice;
  }

  type(text: string): void {
    this.stdin.emit('data', Buffer.from(text));
  }

  take(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

t.test('keyboard', async (t) => {
  const terminal = new PlayedTerminal();
  const clock = new FakeClock();
  let interrupts = 0;
  const keyboard = new Keyboard(terminal.device, clock, () => {
    interrupts += 1;
  });
  const keys = () => {
    const all: string[] = [];
    for (let key = keyboard.read(); key !== null; key = keyboard.read()) all.push(key);
    return all;
  };
  keyboard.listen();
  t.ok(terminal.raw && terminal.flowing);

  await t.test('one key per read', async (t) => {
    terminal.type('jj\u001b[A');
    t.same(keys(), ['j', 'j', '\u001b[A']);
  });

  await t.test('the escape key comes after 20 ms, not before (I-17)', async (t) => {
    terminal.type('\u001b');
    t.same(keys(), []);
    await clock.advance(20);
    t.same(keys(), ['\u001b']);
  });

  await t.test('half a character waits for its other half', async (t) => {
    const bytes = Buffer.from('é');
    terminal.stdin.emit('data', bytes.subarray(0, 1));
    terminal.stdin.emit('data', bytes.subarray(1));
    t.same(keys(), ['é']);
  });

  await t.test('what is pasted is typed, without line breaks, unless somebody knows pastes', async (t) => {
    terminal.type('\u001b[200~ab\r\n\u001b[201~');
    t.same(keys(), ['a', 'b']);
    const pastes: string[] = [];
    const off = keyboard.onPaste((text) => pastes.push(text));
    terminal.type('\u001b[200~ab\r\n\u001b[201~');
    t.same([keys(), pastes], [[], ['ab\r\n']]);
    off();
  });

  await t.test('the mouse is no key', async (t) => {
    const rows: number[] = [];
    keyboard.onMouse(({ row }) => rows.push(row));
    terminal.type('\u001b[<0;3;7M');
    t.same([keys(), rows], [[], [6]]);
  });

  await t.test('keys that nobody reads stay in the terminal', async (t) => {
    for (let i = 0; i < 1_024; i++) terminal.type('j');
    t.notOk(terminal.flowing);
    t.equal(keys().length, 1_024);
    t.ok(terminal.flowing);
  });

  await t.test('Ctrl-C is a key for who reads keys, else it interrupts (I-13)', async (t) => {
    const seen: string[] = [];
    terminal.type('\u0003');
    t.same([keys(), interrupts], [[], 1]);
    const listener = () => seen.push(...keys());
    keyboard.on('readable', listener);
    terminal.type('\u0003');
    await new Promise((resolve) => setImmediate(resolve)); // streams tell it in the next turn
    keyboard.off('readable', listener);
    t.same([seen, interrupts], [['\u0003'], 1]);
  });

  await t.test('when it is somebody else’s turn nothing is taken', async (t) => {
    keyboard.ignore();
    t.notOk(terminal.raw || terminal.flowing);
    terminal.type('q');
    t.same(keys(), []);
    t.notOk(terminal.flowing, 'and a read does not take it either');
  });
});

t.test('screen', async (t) => {
  const terminal = new PlayedTerminal();
  const screen = new Screen(terminal.device);
  screen.write('first');
  t.equal(terminal.take(), '', 'not taken yet');
  screen.show();
  t.match(terminal.take(), 'first');

  await t.test('what Ink writes to erase its last frame is left out', async (t) => {
    screen.write('\u001b[2K\u001b[1A\u001b[2K\u001b[G');
    screen.write('\u001b[?2026h');
    t.equal(terminal.take(), '');
    screen.write('\u001b[2J\u001b[3J\u001b[Hsecond');
    t.match(terminal.written, 'second');
    t.notOk(CLEARED.test(terminal.take()));
  });

  await t.test('a terminal that is slow gets the latest frame', async (t) => {
    terminal.full = true;
    screen.write('third');
    terminal.take();
    screen.write('fourth');
    screen.write('fifth');
    t.equal(terminal.take(), '');
    terminal.full = false;
    terminal.stdout.emit('drain');
    t.match(terminal.written, 'fifth');
    t.notMatch(terminal.take(), 'fourth');
  });

  await t.test('a resize draws everything once (I-06)', async (t) => {
    screen.write('one\ntwo\nthree');
    terminal.take();
    terminal.stdout.rows = 2;
    terminal.stdout.emit('resize');
    t.match(terminal.take(), /one.*two(?!.*three)/s, 'as much as there is room for');
    const redraw = () => void screen.write('ONE\ntwo');
    screen.once('resize', redraw);
    terminal.stdout.emit('resize');
    t.same(terminal.take().match(/one|ONE|two/g), ['ONE', 'two'], 'who knows better is asked first');
  });

  await t.test('while it is lent nothing is written, and then all of it', async (t) => {
    screen.hold();
    screen.write('after\ntwo');
    terminal.stdout.emit('resize');
    t.equal(terminal.take(), '');
    screen.show();
    t.match(terminal.take(), /after.*two/s);
  });
});

// A terminal without a window: what is written to it can be read as text, and keys are pressed by name.
import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import stringWidth from 'string-width';
import { FakeClock, silentLogger } from '../../base/index.js';
import type { TerminalDevice } from '../../cli/dashboard/terminal/device.js';
import { OwnTerminal } from '../../cli/dashboard/terminal/session.js';

const BYTES: Readonly<Record<string, string>> = {
  ...{ enter: '\r', tab: '\t', 'shift-tab': '\u001b[Z', esc: '\u001b', backspace: '\u007f', space: ' ' },
  ...{
    up: '\u001b[A',
    down: '\u001b[B',
    right: '\u001b[C',
    left: '\u001b[D',
    pageup: '\u001b[5~',
    pagedown: '\u001b[6~',
    home: '\u001b[H',
    end: '\u001b[F',
  },
  ...{ 'shift-left': '\u001b[1;2D', 'shift-right': '\u001b[1;2C', 'ctrl-space': '\u0000', 'ctrl-\\': '\u001c' },
};

function bytesOf(key: string): string {
  const control = /^ctrl-([a-z])$/.exec(key)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 0x60);
  const shifted = /^shift-([a-z])$/.exec(key)?.[1];
  return BYTES[key] ?? shifted?.toUpperCase() ?? key;
}

class FakeStdin extends EventEmitter {
  raw = false;

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  resume(): this {
    return this;
  }

  pause(): this {
    return this;
  }
}

class FakeStdout extends EventEmitter {
  columns: number;
  rows: number;
  readonly onWrite: (text: string) => void;

  constructor(columns: number, rows: number, onWrite: (text: string) => void) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.onWrite = onWrite;
  }

  write(text: string): boolean {
    this.onWrite(text);
    return true;
  }
}

export interface TestTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly ascii?: boolean;
}

export class TestTerminal {
  readonly session: OwnTerminal;
  /** Everything that was written to the terminal. */
  written = '';
  /** The names of all keys so far. */
  readonly pressed: string[] = [];
  /** Time for the keyboard only: how long Esc waits for the rest of a sequence. */
  private readonly clock = new FakeClock();
  private readonly stdin = new FakeStdin();
  private readonly stdout: FakeStdout;
  private readonly screen: InstanceType<typeof xterm.Terminal>;
  private readonly watchers = new Set<() => void>();

  constructor({ columns = 80, rows = 24, ascii = false }: TestTerminalOptions = {}) {
    this.screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.stdout = new FakeStdout(columns, rows, (text) => this.take(text));
    const device = {
      stdin: this.stdin,
      stdout: this.stdout,
      writeNow: (text: string) => this.take(text),
    } as unknown as TerminalDevice;
    this.session = new OwnTerminal({
      ...{ device, clock: this.clock, colour: '16', ascii, mouse: false, log: silentLogger },
    });
    this.session.enter();
  }

  /** By the names of the help; resolves when the answer is on the screen. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.pressed.push(key);
      this.stdin.emit('data', Buffer.from(bytesOf(key)));
      if (key === 'esc') await this.clock.advance(50);
      await this.settle();
    }
  }

  /** Letter by letter. */
  type(text: string): Promise<void> {
    return this.press(...[...text].map((letter) => (letter === ' ' ? 'space' : letter)));
  }

  async paste(text: string): Promise<void> {
    this.stdin.emit('data', Buffer.from(`\u001b[200~${text}\u001b[201~`));
    await this.settle();
  }

  /** The left button, pressed and let go on the first letter of that text; `button` is its number in reports. Returns
   * what clicks there again, whatever is there by then. */
  async click(part: string, button = 0): Promise<() => Promise<void>> {
    const rows = this.text().split('\n');
    const row = rows.findIndex((line) => line.includes(part));
    if (row === -1) throw new Error(`"${part}" is not on the screen`);
    const column = stringWidth(rows[row]?.slice(0, rows[row]?.indexOf(part)) ?? '');
    const again = () => this.report(`${button};${column + 1};${row + 1}M`, `${button};${column + 1};${row + 1}m`);
    await again();
    return again;
  }

  /** Downwards; negative upwards. */
  async wheel(turns: number): Promise<void> {
    await this.report(...Array.from({ length: Math.abs(turns) }, () => `${turns > 0 ? 65 : 64};5;5M`));
  }

  private async report(...reports: readonly string[]): Promise<void> {
    this.stdin.emit('data', Buffer.from(reports.map((report) => `\u001b[<${report}`).join('')));
    await this.settle();
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.screen.resize(columns, rows);
    this.stdout.columns = columns;
    this.stdout.rows = rows;
    this.stdout.emit('resize');
    await this.settle();
  }

  /** What one sees, without blanks at the ends of lines. */
  text(): string {
    const { active } = this.screen.buffer;
    // A window that became narrower keeps the cells beyond its border, which nobody sees.
    const lines = Array.from(
      { length: this.screen.rows },
      (_, i) => active.getLine(active.viewportY + i)?.translateToString(true, 0, this.screen.cols) ?? '',
    );
    return `${lines.join('\n')}\n`;
  }

  /** The line that has the text. */
  line(part: string): string | undefined {
    return this.text()
      .split('\n')
      .find((line) => line.includes(part));
  }

  /** What was pressed or written so far has been drawn. */
  async settle(): Promise<void> {
    for (let i = 0; i < 6; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => this.screen.write('', resolve));
  }

  /** Resolves when `accept` holds for what one sees. */
  /** Rejects when it is not so in time, with what the screen shows instead. */
  until(accept: (text: string) => boolean, timeoutMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.watchers.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = () => {
        if (accept(this.text())) finish();
      };
      const timer = setTimeout(() => finish(new Error(`the screen does not show it:\n${this.text()}`)), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  end(): void {
    this.session.restore();
    this.screen.dispose();
  }

  private take(text: string): void {
    this.written += text;
    this.screen.write(text, () => {
      for (const watcher of [...this.watchers]) watcher();
    });
  }
}

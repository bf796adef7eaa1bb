// A program on a terminal: a pseudo-terminal made by script(1) of util-linux, and a screen that is read as text.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { Running } from './ctask.js';

export interface PtyOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** Why there are no pseudo-terminals here; undefined when there are. */
export function noPty(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux') ? undefined : 'script of util-linux is missing: no pseudo-terminal can be made';
}

/** What the screen is told when the lines have come to their end: an operating system command that no program here uses. */
const END = '\u001b]7771;\u0007';

export class Pty {
  readonly running: Running;
  /** Resolves when the program has ended and its last words are on the screen, which parses them later than they come. */
  readonly done: Promise<void>;
  private closed = false;
  private readonly directory: string;
  private readonly terminal: InstanceType<typeof xterm.Terminal>;
  private readonly watchers = new Set<() => void>();

  /** Runs lines of sh on a terminal of its own, in `cwd`, where the file `tty` will tell its name. */
  constructor(lines: readonly string[], { env, cwd, columns = 80, rows = 24 }: PtyOptions) {
    this.directory = cwd;
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    // A terminal is what these are asked for, and its colours are those that TERM has; whether this is continuous integration, too.
    const { CI: _ci, NO_COLOR: _colour, FORCE_COLOR: _force, COLORTERM: _depth, ...others } = env;
    const { CONTINUOUS_INTEGRATION: _continuous, ...rest } = others;
    // The terminal stays until the screen has everything: script(1) waits but 10 ms for what a program wrote at its end.
    const farewell = ['code=$?', 'stty -echo', `printf '%s' '${END}'`, 'read -r answer', 'exit $code'];
    // Ctrl-C is for the program: a shell that has no trap may end with it, as dash does, and the lines with the shell.
    const script = ["trap ':' INT", `stty rows ${rows} cols ${columns}`, 'tty > tty', ...lines, ...farewell].join('\n');
    const child = spawn('script', ['-qfec', script, '/dev/null'], {
      cwd,
      env: { ...rest, SHELL: '/bin/sh', ...{ TERM: 'xterm-256color', LANG: 'C.UTF-8' }, ...definedOf(env, 'PTY_') },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined); // the program may have ended
    this.running = new Running(child);
    this.terminal.parser.registerOscHandler(7771, () => {
      this.type('\n');
      return true;
    });
    child.stdout.on('data', (text: string) => this.terminal.write(text, () => this.look()));
    this.done = this.running.done.then(async () => {
      await new Promise<void>((resolve) => this.terminal.write('', resolve));
      this.closed = true;
      this.look();
    });
  }

  type(keys: string): void {
    this.running.child.stdin!.write(keys);
  }

  /** What the screen shows. */
  get text(): string {
    const { active } = this.terminal.buffer;
    const lines = Array.from({ length: this.terminal.rows }, (_, row) => {
      return (
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true)
          .trimEnd() ?? ''
      );
    });
    return lines.join('\n').trimEnd();
  }

  /** The words are on the screen in dim letters; undefined when they are not there at all. */
  dim(words: string): boolean | undefined {
    const { active } = this.terminal.buffer;
    for (let row = 0; row < this.terminal.rows; row += 1) {
      const line = active.getLine(active.viewportY + row);
      const column = line?.translateToString(true).indexOf(words) ?? -1;
      if (column !== -1) return line?.getCell(column)?.isDim() !== 0;
    }
    return undefined;
  }

  /** The alternate screen is shown. */
  get whole(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** Modes that a program has switched on, or off, and left so. */
  get strayModes(): string[] {
    const { bracketedPasteMode, mouseTrackingMode, wraparoundMode } = this.terminal.modes;
    const { stdout } = this.running;
    return [
      ...(bracketedPasteMode ? ['bracketed paste'] : []),
      ...(mouseTrackingMode === 'none' ? [] : ['mouse']),
      ...(wraparoundMode ? [] : ['no wrap']),
      ...(this.whole ? ['alternate screen'] : []),
      ...(stdout.lastIndexOf('\u001b[?25l') > stdout.lastIndexOf('\u001b[?25h') ? ['hidden cursor'] : []),
    ];
  }

  /** Everything that the terminal was sent by the lines. */
  get written(): string {
    return this.running.stdout.replace(END, '');
  }

  /** What a file in the working directory says. */
  file(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8').trim();
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    spawnSync('stty', ['-F', this.file('tty'), 'rows', String(rows), 'cols', String(columns)]);
  }

  /** Resolves when `accept` holds for the screen; rejects when the program ends first or time is up. */
  until(accept: (pty: Pty) => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        this.watchers.delete(look);
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = () => {
        if (accept(this)) finish();
        else if (this.closed) finish(new Error(`${what}: the program ended\n${this.text}`));
      };
      const timer = setTimeout(() => finish(new Error(`${what}: not in time\n${this.text}`)), timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  private look(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** Variables that a test sets for the terminal in spite of its rules: PTY_CI is CI. */
function definedOf(env: NodeJS.ProcessEnv, prefix: string): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

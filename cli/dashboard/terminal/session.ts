// The terminal, taken as a whole and given back on every way out. Only this file changes its modes; Ink gets streams that
// look like a terminal (keyboard.ts, screen.ts) and never touches the real one.
import type { Clock, Logger } from '../../../base/index.js';
import { withoutInterrupts } from '../../signal-listeners.js';
import type { ColourDepth } from './capabilities.js';
import type { TerminalDevice } from './device.js';
import { stopProcess } from './job-control.js';
import { Keyboard } from './keyboard.js';
import type { MouseEvent } from './mouse.js';
import { Screen } from './screen.js';
import { enterSequence, leaveSequence } from './sequences.js';
import { StderrCapture } from './stderr-capture.js';

export interface TerminalSession {
  /** For Ink: one key per read. */
  readonly stdin: NodeJS.ReadStream;
  /** For Ink: takes whole frames. `columns`, `rows` and `resize` are those of the terminal. */
  readonly stdout: NodeJS.WriteStream;
  readonly colour: ColourDepth;
  /** Only ASCII can be shown. */
  readonly ascii: boolean;
  /** Into a file: the screen is taken. */
  readonly log: Logger;
  /** Takes the terminal. Does nothing when it is taken, or has been given back for good. */
  enter(): void;
  /** Gives the terminal back for good, before it returns; does nothing the second time. */
  restore(): void;
  /** Lends the terminal to `work`, e.g. an editor with `stdio: 'inherit'`, and takes it back however that ends; the
   * screen is then drawn anew. Ctrl-C is meanwhile the borrower's. */
  suspend<T>(work: () => Promise<T>): Promise<T>;
  /** Stops the process as Ctrl-Z would, with the terminal given back; resolves once it goes on. On Windows, at once. */
  stop(): Promise<void>;
  /** Takes the terminal again after somebody else has stopped and continued the process. */
  resume(): void;
  /** Text that was pasted; without listener it is typed. Returns the function that unsubscribes. */
  onPaste(listener: (text: string) => void): () => void;
  /** Nothing comes unless the session has the mouse. Returns the function that unsubscribes. */
  onMouse(listener: (event: MouseEvent) => void): () => void;
  /** Lines that were written to standard error while the screen was taken. Returns the function that unsubscribes. */
  onTalk(listener: (line: string) => void): () => void;
}

export interface SessionOptions {
  readonly device: TerminalDevice;
  readonly clock: Clock;
  readonly colour: ColourDepth;
  readonly ascii: boolean;
  readonly mouse: boolean;
  readonly log: Logger;
}

/** What is lent, to an editor or to the shell of a stopped process, comes back; what has ended is for good. */
type State = 'free' | 'taken' | 'lent' | 'ended';

export class OwnTerminal implements TerminalSession {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly colour: ColourDepth;
  readonly ascii: boolean;
  readonly log: Logger;
  private readonly options: SessionOptions;
  private readonly keyboard: Keyboard;
  private readonly screen: Screen;
  private readonly talk: StderrCapture;
  private state: State = 'free';

  constructor(options: SessionOptions) {
    const { device, clock, colour, ascii, log } = options;
    this.options = options;
    this.colour = colour;
    this.ascii = ascii;
    this.log = log;
    this.talk = new StderrCapture(log);
    this.keyboard = new Keyboard(device, clock, () => process.emit('SIGINT', 'SIGINT'));
    this.screen = new Screen(device);
    // They have what Ink, and whoever asks for the size, uses of such streams.
    this.stdin = this.keyboard as unknown as NodeJS.ReadStream;
    this.stdout = this.screen as unknown as NodeJS.WriteStream;
  }

  enter(): void {
    if (this.state === 'free') this.take();
  }

  restore(): void {
    const { state } = this;
    this.state = 'ended';
    if (state !== 'taken') return;
    try {
      this.giveBack();
    } catch {
      // The terminal is gone: there is nothing left to give back.
    }
  }

  async suspend<T>(work: () => Promise<T>): Promise<T> {
    if (this.state !== 'taken') return work();
    this.giveBack();
    this.state = 'lent';
    try {
      return await withoutInterrupts(work);
    } finally {
      this.takeAgain();
    }
  }

  async stop(): Promise<void> {
    if (this.state !== 'taken' || process.platform === 'win32') return;
    this.giveBack();
    this.state = 'lent';
    try {
      await stopProcess(this.options.clock);
    } finally {
      this.takeAgain();
    }
  }

  resume(): void {
    if (this.state !== 'taken') return;
    // The shell has set its own modes meanwhile; libuv must be told that before it sets ours.
    this.giveBack();
    this.take();
  }

  onPaste(listener: (text: string) => void): () => void {
    return this.keyboard.onPaste(listener);
  }

  onMouse(listener: (event: MouseEvent) => void): () => void {
    return this.keyboard.onMouse(listener);
  }

  onTalk(listener: (line: string) => void): () => void {
    return this.talk.onLine(listener);
  }

  private takeAgain(): void {
    // Whoever ended the session meanwhile meant it.
    if (this.state === 'lent') this.take();
  }

  private take(): void {
    const { device, mouse } = this.options;
    this.state = 'taken';
    this.talk.begin();
    this.keyboard.listen();
    device.writeNow(enterSequence(mouse));
    this.screen.show();
  }

  private giveBack(): void {
    this.screen.hold();
    // The order matters: what is typed after the modes have changed belongs to the next reader.
    try {
      this.options.device.writeNow(leaveSequence);
    } finally {
      this.keyboard.ignore();
      this.talk.end();
    }
  }
}

// What Ink takes for standard input: one key per read. Pastes and the mouse go to their listeners instead. The terminal's raw
// mode is the session's, so that of this stream is nothing.
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Clock, Timer } from '../../../base/index.js';
import type { TerminalDevice } from './device.js';
import { type InputEvent, InputSplitter } from './input-splitter.js';
import type { MouseEvent } from './mouse.js';

/** The pieces of a sequence come together, over slow lines within this time; the escape key must not feel slow (I-17). */
const SEQUENCE_WAIT_MS = 20;
/** A paste whose end never comes must not swallow what is typed. */
const PASTE_WAIT_MS = 1_000;
const CTRL_C = '\u0003';
/** Keys that nobody reads: beyond, the terminal keeps them. */
const KEYS_WAITING_MAX = 1_024;

export class Keyboard extends Readable {
  readonly isTTY = true;
  private readonly pastes = new Set<(text: string) => void>();
  private readonly mice = new Set<(event: MouseEvent) => void>();
  private readonly device: TerminalDevice;
  private readonly clock: Clock;
  private readonly interrupt: () => void;
  private readonly splitter = new InputSplitter();
  private readonly decoder = new StringDecoder('utf8');
  private timer: Timer | undefined;
  private listening = false;

  /** @param interrupt is called for Ctrl-C while nobody reads keys, e.g. before the first screen: raw mode makes it a key
   * like any other, and it must not be lost. */
  constructor(device: TerminalDevice, clock: Clock, interrupt: () => void) {
    super({ objectMode: true, highWaterMark: KEYS_WAITING_MAX });
    this.device = device;
    this.clock = clock;
    this.interrupt = interrupt;
  }

  /** Takes every key as it is pressed; none is echoed. */
  listen(): void {
    if (this.listening) return;
    this.listening = true;
    const { stdin } = this.device;
    stdin.setRawMode(true);
    stdin.on('data', this.received);
    stdin.resume();
  }

  /** Leaves the keys to whoever reads the terminal next. */
  ignore(): void {
    if (!this.listening) return;
    this.listening = false;
    this.timer?.cancel();
    this.splitter.flush();
    const { stdin } = this.device;
    stdin.off('data', this.received);
    stdin.pause();
    stdin.setRawMode(false);
  }

  /** Returns the function that unsubscribes. */
  onPaste(listener: (text: string) => void): () => void {
    this.pastes.add(listener);
    return () => void this.pastes.delete(listener);
  }

  /** Returns the function that unsubscribes. */
  onMouse(listener: (event: MouseEvent) => void): () => void {
    this.mice.add(listener);
    return () => void this.mice.delete(listener);
  }

  override _read(): void {
    if (this.listening) this.device.stdin.resume();
  }

  setRawMode(): this {
    return this;
  }

  /** Keys are text already. */
  override setEncoding(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  private readonly received = (chunk: Buffer): void => {
    this.timer?.cancel();
    for (const event of this.splitter.push(this.decoder.write(chunk))) this.deliver(event);
    const { pending } = this.splitter;
    if (pending === 'none') return;
    this.timer = this.clock.timerAfter(pending === 'paste' ? PASTE_WAIT_MS : SEQUENCE_WAIT_MS, () => {
      for (const event of this.splitter.flush()) this.deliver(event);
    });
  };

  private deliver(event: InputEvent): void {
    if (event.type === 'key') this.press(event.key);
    else if (event.type === 'mouse') call(this.mice, event);
    else if (this.pastes.size > 0) call(this.pastes, event.text);
    // Nobody knows pastes: they are typed, without what would be a command.
    else for (const character of event.text.replace(/\p{Cc}/gu, '')) this.press(character);
  }

  private press(key: string): void {
    const unread = this.listenerCount('data') + this.listenerCount('readable') === 0;
    if (key === CTRL_C && unread) this.interrupt();
    else if (!this.push(key)) this.device.stdin.pause();
  }
}

function call<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of [...listeners]) listener(value);
}

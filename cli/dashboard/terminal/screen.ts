// What Ink takes for the terminal: it writes whole frames here, and the terminal gets what differs. While the screen is lent
// to somebody else, or the terminal is slow, only the latest frame is kept.
import { Writable } from 'node:stream';
import type { TerminalDevice } from './device.js';
import { FramePainter } from './frame-painter.js';

/** Ink in its ordinary mode erases what it wrote before; here that is the painter's business. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const ERASURES = /^(?:\u001b\[(?:\?2026[hl]|\?25[hl]|[\d;]*[A-HJK]))+/;

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export class Screen extends Writable {
  readonly isTTY = true;
  private readonly device: TerminalDevice;
  private readonly painter = new FramePainter();
  private frame: string | undefined;
  private frames = 0;
  private shown = false;
  private draining = false;

  constructor(device: TerminalDevice) {
    super({ decodeStrings: false });
    this.device = device;
  }

  get columns(): number {
    return this.device.stdout.columns || DEFAULT_COLUMNS;
  }

  get rows(): number {
    return this.device.stdout.rows || DEFAULT_ROWS;
  }

  /** Shows the latest frame, all of it, and those that come. */
  show(): void {
    if (this.shown) return;
    this.shown = true;
    this.device.stdout.on('resize', this.resized);
    this.repaint();
  }

  /** From now on nothing is written. */
  hold(): void {
    this.shown = false;
    this.device.stdout.off('resize', this.resized);
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const frame = String(chunk).replace(ERASURES, '');
    if (frame !== '') {
      this.frame = frame;
      this.frames += 1;
      this.paint();
    }
    done();
  }

  /** Writes every row anew. */
  repaint(): void {
    this.painter.forget();
    this.paint();
  }

  private readonly resized = (): void => {
    this.painter.forget();
    const before = this.frames;
    this.emit('resize');
    if (this.frames === before) this.paint();
  };

  private paint(): void {
    const { stdout } = this.device;
    if (!this.shown || this.frame === undefined || this.draining) return;
    const changes = this.painter.paint(this.frame, this.rows);
    if (changes === '' || stdout.write(changes)) return;
    this.draining = true;
    stdout.once('drain', () => {
      this.draining = false;
      this.paint();
    });
  }
}

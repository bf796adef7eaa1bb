// The terminal of this process.
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

export interface TerminalDevice {
  readonly stdin: Pick<ReadStream, 'setRawMode' | 'resume' | 'pause' | 'on' | 'off'>;
  readonly stdout: Pick<WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off' | 'once'>;
  /** Writes before it returns, also while the process ends. Throws when the terminal is gone. */
  writeNow(text: string): void;
}

export function processDevice(): TerminalDevice {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    writeNow: (text) => void writeSync(process.stdout.fd, text),
  };
}

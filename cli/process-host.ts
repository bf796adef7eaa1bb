// The real process as a Host.
import { homedir } from 'node:os';
import type { WriteStream } from 'node:tty';
import { systemClock } from '../base/index.js';
import type { Host, Input, InterruptSignal, Output } from './host.js';
import { VERSION } from './version.js';

/** Ends the process once `exit` is known; output that is still in the pipe is written first. */
export interface ProcessHost extends Host {
  end(exit: number): void;
}

const SIGNALS: readonly InterruptSignal[] = ['SIGINT', 'SIGTERM'];

export function processHost(): ProcessHost {
  // `ctask get tasks | head -1`: the reader has had enough. That is no error, and nobody is left to tell.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  return {
    env: process.env,
    clock: systemClock,
    stdin: input(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    get homeDir() {
      return homedir();
    },
    platform: process.platform,
    version: VERSION,
    onInterrupt(listener) {
      const handlers = SIGNALS.map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, handler] of handlers) process.on(signal, handler);
      return () => {
        for (const [signal, handler] of handlers) process.off(signal, handler);
      };
    },
    end(exit) {
      process.exitCode = exit;
      // Sockets kept alive and open streams must not hold the process; buffered output must not be cut off.
      const flushed = () => process.exit();
      if (process.stdout.writableLength === 0) flushed();
      else process.stdout.write('', flushed);
    },
  };
}

function output(stream: WriteStream): Output {
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write(data) {
      if (stream.write(data)) return Promise.resolve();
      return new Promise((resolve) => stream.once('drain', resolve));
    },
  };
}

function input(): Input {
  return {
    get isTTY() {
      return process.stdin.isTTY === true;
    },
    async line() {
      const { createInterface } = await import('node:readline');
      const lines = createInterface({ input: process.stdin });
      try {
        for await (const line of lines) return line;
        return undefined;
      } finally {
        lines.close();
        process.stdin.unref?.();
      }
    },
    async text() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

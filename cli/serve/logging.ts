import { pino } from 'pino';
import type { Logger } from '../../base/index.js';

/** JSON lines on `destination` (a file) or standard error. */
export function createLogger(options: { level: string; part: string; destination?: string }): Logger {
  const stream =
    options.destination === undefined
      ? pino.destination(2)
      : pino.destination({ dest: options.destination, mkdir: true, sync: true });
  return pino(
    { level: options.level, base: { part: options.part, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  );
}

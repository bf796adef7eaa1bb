import { pino } from 'pino';
import { CloudTaskError, type Logger } from '../../base/index.js';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

/** JSON lines on `destination` (a file) or standard error. `process`: center, agent …; `part` is a part of it. Throws CT_CONFIG_INVALID. */
export function createLogger(options: { level: string; process: string; destination?: string }): Logger {
  const { level, process: name, destination } = options;
  if (!LEVELS.includes(level)) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `logLevel must be debug, info, warn or error, not "${level}"`);
  }
  const stream =
    destination === undefined ? pino.destination(2) : pino.destination({ dest: destination, mkdir: true, sync: true });
  const base = { process: name, pid: process.pid };
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

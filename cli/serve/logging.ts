import { pino } from 'pino';
import { CloudTaskError, type Logger, type RecentLines } from '../../base/index.js';

/** By the numbers that lines have. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
/** From here on lines are kept. */
const KEPT = LEVELS.info;

export interface LoggerOptions {
  /** Of what is printed. */
  readonly level: string;
  /** center, agent …; `part` of a line is a part of it. */
  readonly process: string;
  /** A file; standard error unless given. */
  readonly destination?: string;
  /** Keeps the last lines besides, of level info or above, whichever are printed: who asks for them later asks why. */
  readonly recent?: RecentLines;
}

/** JSON lines. Throws CT_CONFIG_INVALID. */
export function createLogger({ level, process: name, destination, recent }: LoggerOptions): Logger {
  if (!isLevel(level)) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `logLevel must be debug, info, warn or error, not "${level}"`);
  }
  const printed = LEVELS[level];
  const stream =
    destination === undefined ? pino.destination(2) : pino.destination({ dest: destination, mkdir: true, sync: true });
  const options = { base: { process: name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (recent === undefined) return pino({ ...options, level }, stream);
  const both = {
    // Makes pino say the level of each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string): void {
      if (this.lastLevel >= printed) stream.write(line);
      if (this.lastLevel >= KEPT) recent.add(line);
    },
  };
  return pino({ ...options, level: printed > KEPT ? 'info' : level }, both);
}

function isLevel(level: string): level is keyof typeof LEVELS {
  return Object.hasOwn(LEVELS, level);
}

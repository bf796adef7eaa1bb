// The log of the dashboard: a file, since the screen is taken. One line per entry; the file before the last rotation is kept.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, LogFields, Logger } from '../../../base/index.js';

/** Errors of some weeks; twice that is kept. */
const FILE_MAX_BYTES = 1_048_576;

export class FileLog implements Logger {
  private readonly file: string;
  private readonly clock: Clock;
  private readonly fields: LogFields;

  constructor(file: string, clock: Clock, fields: LogFields = {}) {
    this.file = file;
    this.clock = clock;
    this.fields = fields;
  }

  error(fields: LogFields, sentence: string): void {
    this.write('error', fields, sentence);
  }

  warn(fields: LogFields, sentence: string): void {
    this.write('warn', fields, sentence);
  }

  info(fields: LogFields, sentence: string): void {
    this.write('info', fields, sentence);
  }

  debug(): void {}

  child(fields: LogFields): Logger {
    return new FileLog(this.file, this.clock, { ...this.fields, ...fields });
  }

  private write(level: string, fields: LogFields, sentence: string): void {
    const time = new Date(this.clock.now()).toISOString();
    const entry = JSON.stringify({ time, level, sentence, ...this.fields, ...plain(fields) });
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      if (sizeOf(this.file) + entry.length > FILE_MAX_BYTES) renameSync(this.file, `${this.file}.1`);
      appendFileSync(this.file, `${entry}\n`, { mode: 0o600 });
    } catch {
      // A disk that is full must not end the dashboard, and there is nowhere else to say it.
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Errors with their stack, which JSON would leave out. */
function plain(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}

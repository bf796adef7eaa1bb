/** Fields of one log line. Names are the glossary's: run, task, agent, slot, epoch … */
export type LogFields = Record<string, unknown>;

/**
 * Log a constant sentence plus fields, never a template string. Levels: error = someone should look at CloudTask itself;
 * warn = look in batches; a user's mistake is info and goes to status and events. The composition roots provide pino.
 */
export interface Logger {
  error(fields: LogFields, sentence: string): void;
  warn(fields: LogFields, sentence: string): void;
  info(fields: LogFields, sentence: string): void;
  debug(fields: LogFields, sentence: string): void;
  child(fields: LogFields): Logger;
}

export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLogger,
};

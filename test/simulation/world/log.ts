import { type LogFields, type Logger, messageOf } from '../../../base/index.js';
import { kernel } from '../kernel.js';

export type Say = (line: string) => void;

/** The log of a simulated process: lines with true time, for those who replay a seed. */
export function logOf(process: string, say: Say | undefined): Logger {
  if (say === undefined) return quiet;
  const line = (level: string) => (fields: LogFields, sentence: string) => {
    const { err, ...rest } = fields;
    const error = err === undefined ? {} : { err: messageOf(err) };
    const details = JSON.stringify({ ...rest, ...error }, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    say(`${kernel().elapsed.toFixed(2).padStart(10)} ${process} ${level} ${sentence} ${details}`);
  };
  const log: Logger = {
    ...{ error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') },
    child: () => log,
  };
  return log;
}

const nothing = () => undefined;
const quiet: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing, child: () => quiet };

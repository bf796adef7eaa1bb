// Lines of the form NAME = value, which hold for the lines below them.
import { CrontabError } from './crontab-error.js';

export interface EnvironmentLine {
  readonly name: string;
  readonly value: string;
}

const HEAD = /^\s*(?:"([^"]*)"|'([^']*)'|([^\s="']+))\s*=[ \t]*/;

/** The variable that a line sets; undefined when it is a line of another form. Throws CrontabError. */
export function parseEnvironmentLine(line: string): EnvironmentLine | undefined {
  const head = HEAD.exec(line);
  if (head === null) return undefined;
  const name = head[1] ?? head[2] ?? head[3] ?? '';
  const indent = line.length - line.trimStart().length;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new CrontabError(`"${name}" is no name of a variable`, indent);
  if (name.startsWith('CTASK_')) throw new CrontabError(`${name}: names that begin with CTASK_ are reserved`, indent);
  return { name, value: valueIn(line, head[0].length) };
}

/** Quotes count when they are around the whole value; inside of it nothing has a meaning, `$` neither. */
function valueIn(line: string, start: number): string {
  const text = line.slice(start).trimEnd();
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return text;
  const end = text.indexOf(quote, 1);
  if (end < 0) throw new CrontabError(`the value has no closing ${quote}`, start);
  if (end < text.length - 1) throw new CrontabError('nothing may follow the closing quote', start + end + 1);
  return text.slice(1, end);
}

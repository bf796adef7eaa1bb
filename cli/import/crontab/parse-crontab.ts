// A crontab line by line. Nothing is converted here: what a line means for a task is said in to-task.ts.
import { splitCommand } from './command.js';
import { CrontabError } from './crontab-error.js';
import { type EnvironmentLine, parseEnvironmentLine } from './environment.js';
import { FIELD_NAMES, type FieldText, toCronExpression } from './fields.js';

export interface CrontabEntry {
  /** From 1. */
  readonly line: number;
  /** The line as it stands in the file. */
  readonly source: string;
  /** The five fields, or the nickname alone, as they stand there. */
  readonly times: readonly string[];
  /** Our expression for them. */
  readonly cron: string;
  /** Of a system crontab: whom the command runs as. */
  readonly user?: string;
  /** What the shell is given. */
  readonly command: string;
  readonly stdin?: string;
  /** The variables of the lines above, the latest of each name. */
  readonly variables: ReadonlyMap<string, string>;
  /** The line that sets the MAILTO among them. */
  readonly mailtoLine?: number;
}

/** Something about a line; the offset counts characters of it. */
export interface LineProblem {
  readonly line: number;
  readonly offset: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export interface ParsedCrontab {
  readonly entries: readonly CrontabEntry[];
  readonly problems: readonly LineProblem[];
}

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const USER = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;

/** @param system whether lines name a user before the command, as /etc/crontab and /etc/cron.d have it */
export function parseCrontab(text: string, system: boolean): ParsedCrontab {
  const entries: CrontabEntry[] = [];
  const problems: LineProblem[] = [];
  const variables = new Map<string, string>();
  let mailto: { mailtoLine?: number } = {};
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const open = lines.at(-1) !== '';
  for (const [index, whole] of lines.entries()) {
    const line = index + 1;
    const warn = (offset: number, message: string) => problems.push({ line, offset, message, severity: 'warning' });
    const source = whole.replace(/\r+$/, '');
    if (/^\s*(#|$)/.test(source)) continue;
    if (source.length < whole.length) warn(source.length, 'the carriage return at the end of the line is left out');
    if (open && index === lines.length - 1) {
      warn(source.length, 'the last line has no line break; some crons leave such a line out');
    }
    try {
      const variable = parseEnvironmentLine(source);
      if (variable === undefined) {
        entries.push({ line, ...parseEntry(source, system, warn), source, variables: new Map(variables), ...mailto });
      } else {
        setVariable(variables, variable, warn);
        if (variable.name === 'MAILTO') mailto = { mailtoLine: line };
      }
    } catch (error) {
      if (!(error instanceof CrontabError)) throw error;
      problems.push({ line, offset: error.offset, message: error.message, severity: 'error' });
    }
  }
  return { entries, problems };
}

type Warn = (offset: number, message: string) => unknown;

function setVariable(variables: Map<string, string>, { name, value }: EnvironmentLine, warn: Warn): void {
  if (name === 'TZ') warn(0, 'TZ is a variable of the commands; only CRON_TZ says in which zone cron reads the times');
  if (name === 'LOGNAME' || name === 'USER') {
    warn(0, `cron sets ${name} itself; the line has no effect`);
    return;
  }
  if (name === 'RANDOM_DELAY' && !/^[0-9]{1,4}$/.test(value)) {
    throw new CrontabError('RANDOM_DELAY must be a number of minutes', 0);
  }
  if (name === 'START_HOURS_RANGE')
    throw new CrontabError('START_HOURS_RANGE belongs to anacron, whose tables are not read', 0);
  variables.set(name, value);
}

type EntryParts = Pick<CrontabEntry, 'times' | 'cron' | 'user' | 'command' | 'stdin'>;

function parseEntry(source: string, system: boolean, warn: Warn): EntryParts {
  const words = new Words(source);
  if (words.peek() === '-') {
    warn(words.offset, 'the "-" at the beginning keeps cron from logging the start; runs are always recorded here');
    words.skip();
  }
  const { times, cron } = words.peek() === '@' ? nickname(words.next()!) : fiveFields(words);
  const user = system ? userOf(words) : undefined;
  if (source.endsWith('\\')) {
    warn(source.length - 1, 'the backslash belongs to the command: lines of a crontab do not continue');
  }
  const { text, ...input } = splitCommand(words.rest());
  if (text.trim() === '') throw new CrontabError('there is no command', source.length);
  return { times, cron, ...(user === undefined ? {} : { user }), command: text, ...input };
}

function nickname({ text, offset }: FieldText): Pick<CrontabEntry, 'times' | 'cron'> {
  if (NICKNAMES.includes(text)) return { times: [text], cron: text };
  if (text === '@reboot') {
    const hint = 'a systemd unit does; --skip-errors imports the other lines';
    throw new CrontabError(`nothing starts a task when a machine boots: ${hint}`, offset);
  }
  throw new CrontabError(`"${text}" is not known; known are ${NICKNAMES.join(', ')}`, offset);
}

function fiveFields(words: Words): Pick<CrontabEntry, 'times' | 'cron'> {
  const fields = FIELD_NAMES.map((name) => {
    const field = words.next();
    if (field === undefined) throw new CrontabError(`the line ends before its ${name}`, words.offset);
    return field;
  });
  return { times: fields.map(({ text }) => text), cron: toCronExpression(fields) };
}

function userOf(words: Words): string {
  const user = words.next();
  if (user === undefined) throw new CrontabError('the line ends before its user', words.offset);
  if (USER.test(user.text)) return user.text;
  throw new CrontabError(
    `"${user.text}" is no name of a user; is it a crontab without users (no --system)?`,
    user.offset,
  );
}

/** The blank-separated words of a line, one after the other. */
class Words {
  readonly #line: string;
  offset: number;

  constructor(line: string) {
    this.#line = line;
    this.offset = line.length - line.trimStart().length;
  }

  peek(): string | undefined {
    return this.#line[this.offset];
  }

  /** One character, and the blanks behind it. */
  skip(): void {
    this.offset += /^.\s*/.exec(this.#line.slice(this.offset))![0].length;
  }

  next(): FieldText | undefined {
    const text = /^\S+/.exec(this.#line.slice(this.offset))?.[0];
    if (text === undefined) return undefined;
    const { offset } = this;
    this.offset += text.length;
    this.offset += /^\s*/.exec(this.#line.slice(this.offset))![0].length;
    return { text, offset };
  }

  /** All that is left, with the blanks inside and at its end. */
  rest(): string {
    return this.#line.slice(this.offset);
  }
}

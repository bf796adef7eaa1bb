// cron's own reading of the command: the first % that no backslash stands before ends it, and what follows is standard input.

export interface CronCommand {
  /** What the shell is given. */
  readonly text: string;
  readonly stdin?: string;
}

export function splitCommand(source: string): CronCommand {
  let text = '';
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === '%') return { text, stdin: inputOf(source.slice(at + 1)) };
    if (char !== '\\' || at + 1 === source.length) {
      text += char;
      continue;
    }
    // A backslash takes the next character with it, another backslash too, and vanishes before a % only.
    at += 1;
    text += source[at] === '%' ? '%' : `\\${source[at]}`;
  }
  return { text };
}

/** A % is a line break, `\%` a %, and the last line has an end. */
function inputOf(source: string): string {
  let input = '';
  let escaped = false;
  for (const char of source) {
    if (escaped && char !== '%') input += '\\';
    const said = char === '%' && !escaped ? '\n' : char;
    escaped = char === '\\';
    if (!escaped) input += said;
  }
  if (escaped) input += '\\';
  return input === '' || input.endsWith('\n') ? input : `${input}\n`;
}

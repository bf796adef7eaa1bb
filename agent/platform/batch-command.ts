// Batch files on Windows. The system starts them by cmd.exe, which reads the command line by rules of its own before the program
// gets any argument: what is quoted for a program may end a command for cmd.exe and begin another one (CVE-2024-24576,
// CVE-2024-27980). So the command line is made here, and what cannot be said safely is refused.

/** Windows takes no notice of blanks and dots at the end of a file name. */
const BATCH = /\.(bat|cmd)[ .]*$/i;
/** They end a command line, or a text. */
const FORBIDDEN = /[\0\r\n]/;
/** Of all else each may mean something to cmd.exe outside of quotes. */
const PLAIN = /^[\w#$*+\-./:?@\\]+$/;

/** Extensions of commands on (the way to write % needs them), delayed expansion of !VARIABLES! off, no AutoRun; /s: exactly the
 * outer quotes are taken off. */
const CMD_OPTIONS = '/e:on /v:off /d /s /c';

/** Of cmd.exe; the name of its program counts, too. */
const LINE_MAX_CHARS = 8000;

export const isBatch = (program: string): boolean => BATCH.test(program);

/** What comes after the name of cmd.exe to run a batch file with these arguments. Throws EINVAL for what cmd.exe cannot take. */
export function batchCommandLine([program = '', ...args]: readonly string[]): string {
  if (program.includes('"') || /[\\ .]$/.test(program)) throw refused(`"${program}" is no name of a batch file`);
  for (const each of [program, ...args]) {
    if (FORBIDDEN.test(each)) throw refused('an argument of a batch file cannot have more than one line');
  }
  const line = `${CMD_OPTIONS} "${[quoted(program), ...args.map(argument)].join(' ')}"`;
  if (line.length <= LINE_MAX_CHARS) return line;
  throw refused(`with its arguments a batch file has ${line.length} characters, and cmd.exe takes ${LINE_MAX_CHARS}`);
}

/** One that ends with a backslash is quoted for batch files that put quotes around it themselves. */
function argument(text: string): string {
  return PLAIN.test(text) && !text.endsWith('\\') ? text : quoted(text);
}

/**
 * Within quotes cmd.exe reads nothing but % and the next quote. A quote is doubled: for cmd.exe that closes and opens again, and the
 * program takes two for one; the backslashes before it, and at the end, are doubled as programs expect it. After each % an
 * expression that is empty in any case is put in (a part of %cd%, from nowhere to nowhere), so that no two % enclose a name.
 */
function quoted(text: string): string {
  const inner = text
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, '$&$&')
    .replaceAll('%', '%%cd:~,%');
  return `"${inner}"`;
}

const refused = (message: string) => Object.assign(new Error(message), { code: 'EINVAL' });

// What is written for cmd.exe is read here by its published rules (Microsoft: "cmd /?", and "Parsing C command-line arguments" for
// the program that a batch file hands its arguments to), written anew and without regard to how the text is made.
import fc from 'fast-check';
import t from 'tap';
import { batchCommandLine, isBatch } from './batch-command.js';

const OPTIONS = '/e:on /v:off /d /s /c ';
/** What a variable of the task may have: it would end the argument, and the command. */
const VARIABLES: Readonly<Record<string, string>> = {
  PATH: '" & calc & "',
  CD: 'C:\\x',
  A: '%PATH%',
  'A B': '&',
  '': '|',
};

/** cmd.exe on a command line: %NAME% and %NAME:~from,length% of a variable that there is; any other % stays. */
function percentExpanded(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const end = text[i] === '%' ? text.indexOf('%', i + 1) : -1;
    const [, name = '', part] = end === -1 ? [] : (/^([^:]*)(?::(.*))?$/s.exec(text.slice(i + 1, end)) ?? []);
    const value = name === '' ? undefined : VARIABLES[name.toUpperCase()];
    if (end === -1 || value === undefined) {
      out += text[i];
      continue;
    }
    const cut = /^~(-?\d*)(?:,(-?\d*))?$/.exec(part ?? '');
    out += cut === null ? value : value.substr(Number(cut[1]), cut[2] === undefined ? undefined : Number(cut[2]));
    i = end;
  }
  return out;
}

/** Characters that mean something to cmd.exe, outside of what it takes for quoted. */
function special(text: string): string[] {
  let inQuotes = false;
  return [...text].filter((each) => {
    if (each === '"') inQuotes = !inQuotes;
    return /[\r\n\0]/.test(each) || (!inQuotes && /[&|<>()^!%,;=]/.test(each));
  });
}

/** Microsoft's rules for argv. */
function argvOf(text: string): string[] {
  const argv: string[] = [];
  let i = 0;
  while (i < text.length) {
    while (/[ \t]/.test(text[i] ?? '')) i += 1;
    if (i >= text.length) break;
    let argument = '';
    let inQuotes = false;
    for (; i < text.length && (inQuotes || !/[ \t]/.test(text[i] ?? '')); i += 1) {
      const slashes = /^\\*/.exec(text.slice(i))![0].length;
      if (text[i + slashes] !== '"') {
        argument += text.slice(i, i + Math.max(1, slashes));
        i += Math.max(1, slashes) - 1;
        continue;
      }
      argument += '\\'.repeat(Math.floor(slashes / 2));
      i += slashes;
      if (slashes % 2 === 1) argument += '"';
      else if (inQuotes && text[i + 1] === '"') {
        argument += '"';
        i += 1;
      } else inQuotes = !inQuotes;
    }
    argv.push(argument);
  }
  return argv;
}

/** What cmd.exe executes: /s takes off the first and the last quote. */
function executed(line: string): string {
  const text = percentExpanded(line.slice(OPTIONS.length));
  return text.slice(1, -1);
}

const nasty = fc.constantFrom(
  '"',
  '\\',
  '%',
  '&',
  '|',
  '^',
  '!',
  ' ',
  'PATH',
  'cd:~,',
  '%PATH%',
  '<',
  '>',
  '(',
  ')',
  '=',
  ',',
  ';',
  'é',
  'a',
  '\t',
);
const text = fc.oneof(
  fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ maxLength: 20 }),
);
const oneLine = text.filter((each) => !/[\0\r\n]/.test(each));

t.test('the reader reads as Microsoft says', async (t) => {
  t.same(argvOf('"a b c" d e'), ['a b c', 'd', 'e']);
  t.same(argvOf('"ab\\"c" "\\\\" d'), ['ab"c', '\\', 'd']);
  t.same(argvOf('a\\\\\\b d"e f"g h'), ['a\\\\\\b', 'de fg', 'h']);
  t.same(argvOf('a\\\\\\"b c d'), ['a\\"b', 'c', 'd']);
  t.same(argvOf('a\\\\\\\\"b c" d e'), ['a\\\\b c', 'd', 'e']);
  t.same(argvOf('"a""b" c'), ['a"b', 'c']);
  t.equal(percentExpanded('%path% %x% 5% %cd:~,%% %%cd:~,%'), `" & calc & " %x% 5% % %`);
  t.same(special('a&"b&c"^"^"'), ['&', '^']);
  // The reader sees what goes wrong when arguments are quoted as programs want them.
  t.same(special(executed(`${OPTIONS}""x.bat" "\\"&calc""`)), ['&']);
  t.match(executed(`${OPTIONS}""x.bat" "%PATH%""`), '& calc &');
});

t.test('a batch file gets the arguments that it was given, and cmd.exe nothing to do', async () => {
  fc.assert(
    fc.property(fc.array(oneLine, { maxLength: 5 }), (args) => {
      const command = executed(batchCommandLine(['C:\\100%\\my script.cmd', ...args]));
      const rest = command.replace(/%/g, '');
      const seen = special(rest);
      const argv = argvOf(command);
      return seen.length === 0 && JSON.stringify(argv) === JSON.stringify(['C:\\100%\\my script.cmd', ...args]);
    }),
    { numRuns: 3000 },
  );
});

t.test('what needs no quotes has none; what has no safe form is refused', async (t) => {
  t.equal(batchCommandLine(['a.cmd', '/x', '-v=1', 'b\\c', '']), `${OPTIONS}""a.cmd" /x "-v=1" b\\c """`);
  t.equal(batchCommandLine(['a.cmd', 'dir\\']), `${OPTIONS}""a.cmd" "dir\\\\""`);
  for (const wrong of ['a\nb', 'a\rb', 'a\0b']) t.throws(() => batchCommandLine(['a.cmd', wrong]), { code: 'EINVAL' });
  t.throws(() => batchCommandLine(['a".cmd']), { code: 'EINVAL', message: /is no name of a batch file/ });
  t.throws(() => batchCommandLine(['a.cmd .']), { code: 'EINVAL' });
  t.throws(() => batchCommandLine(['a.cmd', 'x'.repeat(8000)]), { code: 'EINVAL', message: /cmd.exe takes 8000/ });
});

t.test('a batch file is known by its name, as Windows takes it', async (t) => {
  for (const name of ['a.bat', 'C:\\A.CMD', 'a.cmd. .', 'a.Bat ']) t.ok(isBatch(name), name);
  for (const name of ['a.exe', 'bat', 'a.bat.exe', 'cmd']) t.notOk(isBatch(name), name);
});

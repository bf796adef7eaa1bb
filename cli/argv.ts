// What commander leaves open about a command line.
import { globalFlagsWithValue } from './global-options.js';

/** `-o=json`, `-v=8` and `--v=8`, as people know them from kubectl, become two arguments; nothing changes after `--`. What
 * `-w=false` means depends on the command: see plainBooleans. */
export function normalizeArgv(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  const split = flags.flatMap((arg) => {
    const match = /^(?:-(?=-v))?(-[A-Za-z])=(.*)$/s.exec(arg);
    if (match === null || (arg.startsWith('-w=') && /^(true|false)$/.test(match[2] ?? ''))) return [arg];
    return [match[1] ?? arg, match[2] ?? ''];
  });
  return [...withOwnUser(split), ...rest];
}

/** What is created for a user, who is named with --user as in kubectl; everywhere else that flag says with whose credentials to
 * ask, and the parser would take it for that. Before the kind it still does. */
const FOR_USERS: ReadonlySet<string> = new Set(['token', 'rolebinding', 'clusterrolebinding']);

function withOwnUser(args: readonly string[]): readonly string[] {
  const kind = args.findIndex((arg, i) => i > 0 && FOR_USERS.has(arg) && args[i - 1] === 'create');
  if (kind === -1) return args;
  return args.map((arg, i) => (i > kind ? arg.replace(/^--user(?==|$)/, '--for-user') : arg));
}

/** The first argument that is neither a global flag nor its value; for `help X` it is X. */
export function verbOf(argv: readonly string[]): string | undefined {
  let help = false;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? '';
    if (arg === '--') return argv[i + 1];
    if (globalFlagsWithValue.has(arg)) i += 1;
    else if (!arg.startsWith('-') || arg === '-') {
      if (arg !== 'help' || help) return arg;
      help = true;
    }
  }
  return help ? 'help' : undefined;
}

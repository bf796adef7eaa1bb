// Names of tasks that are made of what they run: readable, always the same for the same crontab, and each of them once.

/** A Task name has at most 52 characters; its runs need the rest of a label. */
const NAME_MAX = 52;
/** Room for `-2` to `-9999` at the end of a name. */
const NUMBER_MAX = 5;

/** Programs that only start another one. What follows their options and assignments is looked at instead. */
const WRAPPERS = new Set([
  'exec',
  'command',
  'nice',
  'ionice',
  'nohup',
  'sudo',
  'env',
  'time',
  'chronic',
  'setsid',
  'stdbuf',
]);
/** The same, with one argument of their own before the program. */
const WRAPPERS_WITH_ARGUMENT = new Set(['timeout', 'flock', 'chroot', 'taskset', 'setlock', 'cronic']);
/** Programs that are named by the file they are given. */
const INTERPRETERS = /^(sh|bash|dash|ksh|zsh|perl|ruby|node|php[\d.]*|python[\d.]*|java|run-parts|source|\.)$/;
/** Options of wrappers that take a word of their own; those that take a number are known by it. */
const OPTIONS_WITH_WORD = /^-[ugsk]$/;

export class TaskNames {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  /** @param prefix what all names begin with; what no name can hold becomes `-` */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  /** `backup-db-sh` for `cd /srv && nice -n 10 /usr/local/bin/backup-db.sh --full`; with a number where it is taken. */
  ofCommand(command: string): string {
    return this.of(programWord(command));
  }

  /** The nearest name there is for any text. */
  of(text: string): string {
    const base =
      tidy(`${this.#prefix}${tidy(text) || 'task'}`)
        .slice(0, NAME_MAX - NUMBER_MAX)
        .replace(/-+$/, '') || 'task';
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}-${number}`;
    this.#taken.add(name);
    return name;
  }
}

const tidy = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** The word that says best what a line of shell runs. */
function programWord(command: string): string {
  for (const part of command.split(/&&|\|\||;|\||\n/)) {
    const word = programOf(part.trim().split(/\s+/));
    if (word !== undefined) return word;
  }
  return command;
}

/** Undefined for parts that only prepare: `cd`, tests, assignments. */
function programOf(words: readonly string[]): string | undefined {
  let at = 0;
  const skipOptions = () => {
    while (at < words.length && /^-|^[A-Za-z_]\w*=/.test(words[at]!)) {
      const takesWord =
        OPTIONS_WITH_WORD.test(words[at]!) || (/^-\w$/.test(words[at]!) && /^\d+$/.test(words[at + 1] ?? ''));
      at += takesWord ? 2 : 1;
    }
  };
  for (skipOptions(); at < words.length; skipOptions()) {
    const program = base(words[at]!);
    if (/^(cd|test|\[|\[\[|export|set|umask|if|then|true|:|)$/.test(program)) return undefined;
    at += 1;
    if (WRAPPERS.has(program)) continue;
    if (WRAPPERS_WITH_ARGUMENT.has(program)) {
      skipOptions();
      at += 1;
      continue;
    }
    if (!INTERPRETERS.test(program)) return program;
    while (words[at]?.startsWith('-') === true && words[at] !== '-c') at += 1;
    const file = words[at];
    if (file === undefined || file === '-c') return program;
    return program === 'run-parts' ? `run-parts-${base(file)}` : base(file);
  }
  return undefined;
}

const base = (word: string): string =>
  word
    .replace(/["'(){}]/g, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1) ?? '';

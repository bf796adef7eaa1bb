// Command lines as a shell takes them.

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** One line of `ctask`. Of a list of flag and value the whole is left out where the value is empty. */
export function ctask(...parts: readonly (string | readonly [flag: string, value: string | undefined])[]): string {
  const words = parts.flatMap((part) =>
    typeof part === 'string' ? [part] : part[1] === undefined || part[1] === '' ? [] : [part[0], shellWord(part[1])],
  );
  return ['ctask', ...words].join(' ');
}

// What somebody writes into a field who means to be read by a terminal, a browser, a file system or a program of lines.

/** One each for pages, terminals (clipboard, text that runs backwards), lines of logs and headers, paths, and programs in C. */
export const HOSTILE = [
  '<img src=x onerror=globalThis.owned=1>"\'><script>globalThis.owned=1</script>',
  'a\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u009b31mb',
  'a\u202egnp.exe\u2066b',
  'a\r\nset-cookie: ctask_session=evil\r\n\r\n{"user":"admin"}\n',
  '../../../../../../etc/passwd',
  'a\0b',
] as const;

/** A megabyte of one letter. */
export const HUGE = 'x'.repeat(1024 * 1024);

/** What a terminal would obey, or show in another order than it stands: controls but line feeds and tabs, and colours. */
export function obeyedByTerminal(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  const plain = text.replace(/\u001b\[[0-9;]*m|\r(?=\n)/g, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  const found = /.{0,20}[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069].{0,20}/.exec(plain);
  return found === null ? undefined : JSON.stringify(found[0]);
}

// Texts of processes and of people, made fit for a mail: they may hold anything.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;

/** In one line, without what a terminal, a header or a mail program would take for something else. */
export function oneLine(text: string, max = 200): string {
  const plain = text
    .replace(ESCAPES, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return plain.length <= max ? plain : `${plain.slice(0, max - 1).trimEnd()}…`;
}

/** The last lines of output, each cut to a width. */
export function lastLines(bytes: Uint8Array, { lines, width }: { lines: number; width: number }): string[] {
  const text = new TextDecoder().decode(bytes).replace(ESCAPES, '').replace(/\n$/, '');
  if (text.trim() === '') return [];
  return text
    .split('\n')
    .slice(-lines)
    .map((line) =>
      shortened(
        afterReturn(line)
          .replace(/\t/g, '    ')
          .replace(/[\p{Cc}\p{Cf}]/gu, ''),
        width,
      ),
    );
}

/** What a terminal would have left of a line that was written over. */
function afterReturn(line: string): string {
  const parts = line.replace(/\r$/, '').split('\r');
  return parts.at(-1)!;
}

const shortened = (line: string, width: number): string =>
  line.length <= width ? line : `${line.slice(0, width - 1)}…`;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Signs that make a link, a picture, a mention or code of what stands between them. */
const MARKS: Readonly<Record<string, string>> = {
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '`': 'ˋ',
  '*': '＊',
  '#': '＃',
};

/** For chat programs whose Markdown knows no escape: the signs that it reads become wide ones that look alike. */
export function wideMarks(text: string): string {
  return text.replace(/[[\]<>`*#]/g, (mark) => MARKS[mark]!);
}

/** Its beginning, in so many bytes of UTF-8. */
export function cutBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text).subarray(0, max - Buffer.byteLength('…'));
  // A letter that is cut in two is none.
  return `${new TextDecoder().decode(bytes).replace(/\ufffd+$/, '')}…`;
}

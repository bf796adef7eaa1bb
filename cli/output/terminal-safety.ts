// Strings of users reach terminals: a name or a message must not move the cursor, change the title or fake output.
import { StringDecoder } from 'node:string_decoder';

/** C0 controls but tab and line feed, DEL, C1 controls (which UTF-8 terminals obey as well), and what makes text run backwards:
 * a command must not look like another one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const PASSED_OR_NOT = /\u001b\[[\d;:]{0,32}m|\r\n|[\0-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const ANY_CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** `ESC` becomes `^[`, NUL `^@`, DEL `^?`; C1 controls and those of direction are written as `\u009b`. */
function shown(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '^?';
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Makes every control character visible; line feeds and tabs stay. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, shown);
}

/** One table cell: cut with `...` at the first line break or form feed, tabs as spaces, controls visible. */
export function safeCell(text: string): string {
  if (!ANY_CONTROL.test(text)) return text; // nearly all of them
  const end = text.search(/[\n\r\f]/);
  const line = end === -1 ? text : `${text.slice(0, end)}...`;
  return escapeControls(line).replaceAll('\t', ' ');
}

/** An escape sequence may be cut at the end of a piece; more than this is none of colour. */
const UNFINISHED_MAX = 36;

/** Output of runs for a terminal: colours pass, everything else that controls is made visible. Keeps what is cut between
 * two pieces, so feed it all of one stream. */
export class LogNeutralizer {
  private readonly decoder = new StringDecoder('utf8');
  private held = '';

  write(bytes: Uint8Array): string {
    const text = this.held + this.decoder.write(Buffer.from(bytes));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an unfinished colour sequence at the end of a piece
    const cut = text.search(/(?:\u001b(?:\[[0-9;:]*)?|\r)$/);
    const hold = cut !== -1 && text.length - cut <= UNFINISHED_MAX;
    this.held = hold ? text.slice(cut) : '';
    return harmless(hold ? text.slice(0, cut) : text);
  }

  end(): string {
    const rest = this.held + this.decoder.end();
    this.held = '';
    return harmless(rest);
  }
}

/** Colours and line ends pass; everything else that controls is made visible. */
export function harmless(text: string): string {
  return text.replace(PASSED_OR_NOT, (match) => (match.length > 1 ? match : shown(match)));
}

/** Without letters that look like others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP_LETTERS = 5;

/** Twenty random letters, in groups that can be read out: 116 bits. */
export function newPassword(): string {
  return Array.from({ length: GROUPS }, () => Array.from({ length: GROUP_LETTERS }, letter).join('')).join('-');
}

/** Bytes beyond the last whole round of letters are drawn again: each letter is as likely as any other. */
function letter(): string {
  const most = 256 - (256 % LETTERS.length);
  for (;;) {
    const [byte = most] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < most) return LETTERS[byte % LETTERS.length]!;
  }
}

/** Without a second factor, a password is as good as it is long (NIST SP 800-63B). */
const PASSWORD_MIN_CHARS = 15;
export const PASSWORD_MAX_CHARS = 1024;

/** What is wrong with the length of a password; undefined for one that will do. */
export function passwordProblem(password: string): string | undefined {
  const chars = [...password].length;
  if (chars >= PASSWORD_MIN_CHARS && chars <= PASSWORD_MAX_CHARS) return undefined;
  return `a password has ${PASSWORD_MIN_CHARS} to ${PASSWORD_MAX_CHARS} characters; this one has ${chars}`;
}

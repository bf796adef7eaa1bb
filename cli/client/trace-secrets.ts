// What -v must not show: requests that write secrets carry their values.

const NOT_SHOWN = '<not shown: it may hold values of secrets>';

/** The body of a request as -v shows it. */
export function bodyShown(path: string, text: string): string {
  const writesSecret = /\/secrets(\/|$)/.test(path) || /\bkind["']?\s*:\s*["']?Secret\b/.test(text);
  return writesSecret ? NOT_SHOWN : text;
}

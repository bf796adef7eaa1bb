import { readFile } from 'node:fs/promises';

/** What to tell whoever started a center for the first time. `file`: see Center.setUpFile. */
export async function firstLogIn(url: string, file: string): Promise<string> {
  const password = (await readFile(file, 'utf8')).trim();
  return `First log-in at ${url}: user admin, one-time password ${password}`;
}

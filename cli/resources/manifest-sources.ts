// Where manifests come from: files, directories, URLs, standard input.
import { existsSync, promises as fs } from 'node:fs';
import { join } from 'node:path';
import { CloudTaskError, messageOf } from '../../base/index.js';
import { fetchText } from '../client/fetch-text.js';
import type { CliDeps } from '../deps.js';

export interface ManifestSource {
  /** As told in messages: the path, the URL, or `STDIN`. */
  readonly file: string;
  readonly text: string;
}

/** Files of a directory that count; a file that is named itself may be called anything. */
const EXTENSIONS = /\.(json|ya?ml)$/;
/** A directory with a file of this name has YAML for other programs: it is left out unless it is named itself. */
const NO_MANIFESTS = '.no-manifests';

/** The texts of all `-f`, in their order; entries of a directory sorted by name. Throws CT_USAGE for what is not there. */
export async function readSources(
  files: readonly string[],
  recursive: boolean,
  deps: CliDeps,
): Promise<ManifestSource[]> {
  const sources: ManifestSource[] = [];
  for (const file of files) {
    if (file === '-') sources.push({ file: 'STDIN', text: await standardInput(deps) });
    else if (/^https?:\/\//.test(file)) sources.push({ file, text: await fetchText(file, deps) });
    else for (const path of await matching(file)) sources.push(...(await readPath(path, recursive)));
  }
  return sources;
}

async function standardInput(deps: CliDeps): Promise<string> {
  if (deps.host.stdin.isTTY) await deps.say('reading from stdin…');
  return deps.host.stdin.text();
}

/** The path itself; or, when nothing is called so, what it matches as a pattern: for shells that leave patterns alone. */
async function matching(path: string): Promise<string[]> {
  const parts = path.split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  if (first === -1 || existsSync(path)) return [path];
  let found = [parts.slice(0, first).join('/') || (path.startsWith('/') ? '/' : '.')];
  for (const part of parts.slice(first)) {
    const wanted = new RegExp(
      `^${part
        .replace(/[^*?]+/g, escaped)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
    const inner = await Promise.all(found.map(async (directory) => [directory, await namesIn(directory)] as const));
    found = inner.flatMap(([directory, names]) =>
      names.filter((name) => wanted.test(name)).map((name) => join(directory, name)),
    );
  }
  if (found.length === 0) throw new CloudTaskError('CT_USAGE', `the pattern "${path}" matches no file`);
  return found;
}

const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** Names that are not hidden, sorted; none of what is no directory. */
async function namesIn(directory: string): Promise<string[]> {
  const names = await fs.readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return [];
    throw new CloudTaskError('CT_USAGE', messageOf(error));
  });
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** `below`: the path was found in a directory that was named. */
async function readPath(path: string, recursive: boolean, below = false): Promise<ManifestSource[]> {
  try {
    if (!(await fs.stat(path)).isDirectory()) return [{ file: path, text: await fs.readFile(path, 'utf8') }];
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CloudTaskError('CT_USAGE', missing ? `the path "${path}" does not exist` : messageOf(error));
  }
  const entries = (await fs.readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const sources: ManifestSource[] = [];
  if (below && entries.some(({ name }) => name === NO_MANIFESTS)) return sources;
  for (const entry of entries) {
    // What is hidden belongs to tools: .git, .github, .gitlab-ci.yml.
    if (entry.name.startsWith('.')) continue;
    const inner = join(path, entry.name);
    if (entry.isDirectory()) {
      if (recursive) sources.push(...(await readPath(inner, true, true)));
    } else if (EXTENSIONS.test(entry.name)) sources.push({ file: inner, text: await fs.readFile(inner, 'utf8') });
  }
  return sources;
}

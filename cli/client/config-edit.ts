// Edits a configuration file in place: entries of others, comments and unknown keys stay; lock, temporary file, rename.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, CloudTaskError, writeFileDurably } from '../../base/index.js';
import { type Document, documentText, editableDocument } from '../heavy/yaml.js';
import { CONFIG_API_VERSION } from './config-file.js';
import { withFileLock } from './file-lock.js';

export type Section = 'servers' | 'users' | 'contexts';

/** The operations one edit may make on the file. */
export interface ConfigEditor {
  has(section: Section, name: string): boolean;
  /** Sets single keys of an entry and keeps its others; makes the entry when it is not there. */
  merge(section: Section, name: string, values: Readonly<Record<string, unknown>>): void;
  remove(section: Section, name: string): boolean;
  rename(section: Section, from: string, to: string): void;
  readonly currentContext: string | undefined;
  /** Without a name no context is in use. */
  useContext(name: string | undefined): void;
}

/** Entries of users and contexts keep their values one level deeper than those of servers. */
const INNER: Record<Section, readonly string[]> = { servers: [], users: ['user'], contexts: ['context'] };

/** Throws CT_CONFIG_INVALID when the file is not YAML. */
export async function editConfig<T>(file: string, clock: Clock, edit: (editor: ConfigEditor) => T): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return withFileLock(file, clock, async () => {
    const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail: error.message, cause: error });
    });
    const document = editableDocument(before);
    const [problem] = document.errors;
    if (problem !== undefined) {
      throw new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail: `not YAML: ${problem.message}` });
    }
    if (!document.has('apiVersion')) document.set('apiVersion', CONFIG_API_VERSION);
    if (!document.has('kind')) document.set('kind', 'Config');
    const result = edit(editorOf(document));
    const after = documentText(document);
    if (after !== before) await writeFileDurably(file, after, 0o600);
    return result;
  });
}

function editorOf(document: Document): ConfigEditor {
  const entries = (section: Section): { name?: unknown }[] => {
    const value: unknown = (document.toJS() as Record<string, unknown>)[section];
    return Array.isArray(value) ? value : [];
  };
  const indexOf = (section: Section, name: string) => entries(section).findIndex((entry) => entry?.name === name);
  return {
    has: (section, name) => indexOf(section, name) !== -1,
    merge(section, name, values) {
      let index = indexOf(section, name);
      if (index === -1) {
        index = entries(section).length;
        if (index === 0) document.set(section, document.createNode([]));
        const inner = INNER[section].length === 0 ? values : { [INNER[section][0] ?? '']: values };
        document.addIn([section], document.createNode({ name, ...inner }));
        return;
      }
      for (const [key, value] of Object.entries(values)) {
        const path = [section, index, ...INNER[section], key];
        if (value === undefined) document.deleteIn(path);
        else document.setIn(path, value);
      }
    },
    remove(section, name) {
      const index = indexOf(section, name);
      if (index === -1) return false;
      document.deleteIn([section, index]);
      return true;
    },
    rename(section, from, to) {
      const index = indexOf(section, from);
      if (index !== -1) document.setIn([section, index, 'name'], to);
    },
    get currentContext() {
      const value: unknown = document.get('current-context');
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
    useContext(name) {
      if (name === undefined) document.delete('current-context');
      else document.set('current-context', name);
    },
  };
}

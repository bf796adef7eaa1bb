// Programs on PATH called ctask-…: `ctask foo-bar baz` is `ctask-foo_bar-baz` (row C-85).
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Host } from '../host.js';

const PREFIX = 'ctask-';

type PluginHost = Pick<Host, 'env' | 'platform'>;

export interface Plugin {
  readonly file: string;
  /** The program after `arguments` words of the command line. */
  readonly words: number;
}

/** The plugin for the longest start of `words` that has one; undefined when none does. Flags end the search. */
export function findPlugin(words: readonly string[], host: PluginHost): Plugin | undefined {
  const flag = words.findIndex((word) => word.startsWith('-'));
  const names = (flag === -1 ? words : words.slice(0, flag)).filter((word) => /^[\w.-]+$/.test(word));
  for (let count = names.length; count > 0; count--) {
    // A dash within a word is an underscore of the file name: dashes part the words.
    const name =
      PREFIX +
      names
        .slice(0, count)
        .map((word) => word.replaceAll('-', '_'))
        .join('-');
    for (const directory of directories(host)) {
      const file = endings(host)
        .map((ending) => join(directory, name + ending))
        .find(isExecutable);
      if (file !== undefined) return { file, words: count };
    }
  }
  return undefined;
}

export interface ListedPlugin {
  readonly file: string;
  readonly name: string;
  readonly warnings: readonly string[];
}

/** All programs on PATH whose names say that they are plugins, and why one of them would not run. */
export function listPlugins(host: PluginHost, isBuiltIn: (verb: string) => boolean): ListedPlugin[] {
  const first = new Map<string, string>();
  return directories(host).flatMap((directory) =>
    entries(directory)
      .filter((entry) => entry.startsWith(PREFIX))
      .map((entry) => {
        const file = join(directory, entry);
        const name = entry.replace(/\.(exe|cmd|bat|ps1|com)$/i, '');
        const verb = name.slice(PREFIX.length).split('-')[0]?.replaceAll('_', '-') ?? '';
        const warnings: string[] = [];
        if (!isExecutable(file)) warnings.push(`${file} identified as a ctask plugin, but it is not executable`);
        const earlier = first.get(name);
        if (earlier !== undefined) warnings.push(`${file} is overshadowed by a similarly named plugin: ${earlier}`);
        else first.set(name, file);
        if (isBuiltIn(verb)) warnings.push(`${name} overwrites existing command: "ctask ${verb}"; it is never run`);
        return { file, name, warnings };
      }),
  );
}

const directories = ({ env }: PluginHost): string[] => [
  ...new Set((env.PATH ?? '').split(delimiter).filter((directory) => directory !== '')),
];

function endings({ env, platform }: PluginHost): readonly string[] {
  if (platform !== 'win32') return [''];
  return (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';').map((ending) => ending.toLowerCase());
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // PATH may name what is not there
  }
}

function isExecutable(file: string): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for this user
  }
}

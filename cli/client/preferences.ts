// The user's own defaults and aliases, apart from credentials (row C-86): ctaskrc.yaml beside the configuration, or the file
// that CTASK_RC names; CTASK_RC=off means none.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CloudTaskError } from '../../base/index.js';
import { globalFlagsWithValue } from '../global-options.js';
import type { Host } from '../host.js';
import { CONFIG_API_VERSION, configPaths } from './config-file.js';
import { readPlainYaml } from './plain-yaml.js';

interface OptionDefault {
  /** Without dashes. */
  readonly name: string;
  readonly default: string | number | boolean;
}

interface Defaults {
  /** Words of a command: `get`, `config view`. */
  readonly command: string;
  readonly options?: readonly OptionDefault[];
}

interface Alias extends Defaults {
  readonly name: string;
  /** Arguments before and after those on the command line. */
  readonly prependArgs?: readonly string[];
  readonly appendArgs?: readonly string[];
}

interface Preferences {
  readonly apiVersion?: string;
  readonly defaults?: readonly Defaults[];
  readonly aliases?: readonly Alias[];
}

type PreferenceHost = Pick<Host, 'env' | 'homeDir' | 'platform'>;

/** `args` with aliases put in and defaults added. A command of the program beats an alias (`isCommand`), a flag on the command line
 * its default. Throws CT_CONFIG_INVALID. */
export async function applyPreferences(
  args: readonly string[],
  host: PreferenceHost,
  isCommand: (verb: string) => boolean,
): Promise<readonly string[]> {
  const preferences = await read(host);
  if (preferences === undefined) return args;
  const [verb] = args;
  const alias = preferences.aliases?.find(({ name }) => name === verb);
  const expanded = alias === undefined || verb === undefined || isCommand(verb) ? args : expand(alias, args.slice(1));
  const words = expanded.filter((word) => !word.startsWith('-'));
  const own = preferences.defaults?.find(({ command }) =>
    command.split(/\s+/).every((word, index) => words[index] === word),
  );
  return own === undefined ? expanded : withOptions(expanded, own.options ?? []);
}

function expand({ command, prependArgs = [], appendArgs = [], options = [] }: Alias, rest: readonly string[]) {
  const end = rest.indexOf('--');
  const [before, after] = end === -1 ? [rest, []] : [rest.slice(0, end), rest.slice(end)];
  return withOptions([...command.split(/\s+/), ...prependArgs, ...before, ...appendArgs, ...after], options);
}

/** The defaults of flags that are not on the line. */
function withOptions(args: readonly string[], options: readonly OptionDefault[]): string[] {
  const end = args.indexOf('--');
  const [line, after] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end)];
  const added = options.flatMap(({ name, default: value }) => {
    const flag = `--${name}`;
    const given = line.some((word) => word === flag || word.startsWith(`${flag}=`) || word === SHORT[name]);
    if (given || value === false) return [];
    return value === true && !globalFlagsWithValue.has(flag) ? [flag] : [`${flag}=${value}`];
  });
  return [...line, ...added, ...after];
}

/** Flags that are mostly written short. */
const SHORT: Readonly<Record<string, string>> = {
  output: '-o',
  namespace: '-n',
  'all-namespaces': '-A',
  selector: '-l',
  watch: '-w',
  follow: '-f',
  server: '-s',
};

export interface PreferencesText {
  readonly file: string;
  readonly text: string;
}

/** Where they stand, or would stand; undefined when none are wanted. */
export function preferencesFile(host: PreferenceHost): string | undefined {
  const { CTASK_RC: named } = host.env;
  if (named === 'off') return undefined;
  return named || join(dirname(configPaths(host)[0] ?? ''), 'ctaskrc.yaml');
}

/** The file as it is; undefined when there is none, or none is wanted. Throws CT_CONFIG_INVALID. */
export function preferencesText(host: PreferenceHost): PreferencesText | undefined {
  const file = preferencesFile(host);
  if (file === undefined) return undefined;
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    if (!host.env.CTASK_RC && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(file, (error as Error).message, error);
  }
}

async function read(host: PreferenceHost): Promise<Preferences | undefined> {
  const found = preferencesText(host);
  return found === undefined ? undefined : checked(await parse(found.text, found.file), found.file);
}

async function parse(text: string, file: string): Promise<unknown> {
  const plain = readPlainYaml(text);
  if (plain !== undefined) return plain;
  const { parseYaml } = await import('../heavy/yaml.js');
  try {
    return parseYaml(text);
  } catch (error) {
    throw invalid(file, `not YAML: ${(error as Error).message.split('\n')[0]}`, error);
  }
}

function checked(value: unknown, file: string): Preferences {
  const preferences = (value ?? {}) as Preferences;
  if (preferences.apiVersion !== undefined && preferences.apiVersion !== CONFIG_API_VERSION) {
    throw invalid(file, `apiVersion is "${preferences.apiVersion}", expected "${CONFIG_API_VERSION}"`);
  }
  for (const section of ['defaults', 'aliases'] as const) {
    const rows: unknown = preferences[section] ?? [];
    if (!Array.isArray(rows)) throw invalid(file, `${section} is not a list`);
    for (const row of rows as Partial<Alias>[]) {
      if (typeof row?.command !== 'string') throw invalid(file, `an entry of ${section} has no command`);
      if (section === 'aliases' && typeof row.name !== 'string') throw invalid(file, 'an alias has no name');
      for (const list of [row.options ?? [], row.prependArgs ?? [], row.appendArgs ?? []] as unknown[]) {
        if (!Array.isArray(list)) throw invalid(file, `options and arguments of "${row.command}" must be lists`);
      }
    }
  }
  return preferences;
}

function invalid(file: string, detail: string, cause?: unknown): CloudTaskError {
  return new CloudTaskError('CT_CONFIG_INVALID', { subject: file, detail, cause });
}

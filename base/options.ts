// Options of a process are a table, resolved once: from one row come the flag, the variable, the key of the YAML file and
// the line in docs/configuration.md. Precedence: flag > variable > file > default. Nobody else reads process.env.
import { parseDuration } from './duration.js';
import { CloudTaskError } from './errors.js';

export type OptionType = 'string' | 'integer' | 'boolean' | 'duration' | 'list' | 'map';

export interface OptionRow {
  /** camelCase: key in the YAML file and in the result. */
  readonly name: string;
  readonly type: OptionType;
  readonly description: string;
  readonly default?: OptionValue;
  /** Of an integer, both inclusive. */
  readonly range?: readonly [number, number];
  /** Shown instead of the value in logs. */
  readonly secret?: true;
}

/** durations are milliseconds once resolved; a map is `a=b,c=d`. */
export type OptionValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
export type OptionTable = readonly OptionRow[];
export type ResolvedOptions = Readonly<Record<string, OptionValue | undefined>>;

export interface OptionSources {
  /** By name; only those given on the command line. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Parsed YAML file and its path. */
  readonly file?: { readonly path: string; readonly values: Readonly<Record<string, unknown>> };
}

/** `dataDir` → `--data-dir`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `dataDir` → `CTASK_DATA_DIR`. */
export function variableOf(name: string): string {
  return `CTASK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Throws CT_CONFIG_INVALID that names the source of the wrong value. Unknown keys of the file are refused. */
export function resolveOptions(table: OptionTable, sources: OptionSources): ResolvedOptions {
  const { file } = sources;
  for (const key of Object.keys(file?.values ?? {})) {
    if (!table.some((row) => row.name === key)) {
      throw new CloudTaskError('CT_CONFIG_INVALID', `${file?.path}: unknown option "${key}"`);
    }
  }
  const resolved: Record<string, OptionValue | undefined> = {};
  for (const row of table) {
    const given: [unknown, string][] = [
      [sources.flags[row.name], flagOf(row.name)],
      [sources.env[variableOf(row.name)], variableOf(row.name)],
      [file?.values[row.name], `${file?.path}: ${row.name}`],
    ];
    const found = given.find(([value]) => value !== undefined);
    resolved[row.name] = found === undefined ? row.default : convert(row, found[0], found[1]);
  }
  return Object.freeze(resolved);
}

function convert(row: OptionRow, value: unknown, source: string): OptionValue {
  const refuse = (wanted: string): never => {
    const shown = row.secret ? '***' : JSON.stringify(value);
    throw new CloudTaskError('CT_CONFIG_INVALID', `${source}: ${shown} is not ${wanted}`);
  };
  switch (row.type) {
    case 'string':
      return typeof value === 'string' && value !== '' ? value : refuse('a non-empty string');
    case 'integer': {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isSafeInteger(number)) return refuse('an integer');
      const [least, most] = row.range ?? [number, number];
      return number >= least && number <= most ? number : refuse(`from ${least} to ${most}`);
    }
    case 'boolean':
      if (typeof value === 'boolean') return value;
      return value === 'true' || value === '1'
        ? true
        : value === 'false' || value === '0'
          ? false
          : refuse('true or false');
    case 'duration': {
      const ms = typeof value === 'string' ? parseDuration(value) : undefined;
      return ms ?? refuse('a duration such as 4s');
    }
    case 'list': {
      const list = typeof value === 'string' ? value.split(',') : value;
      return isStrings(list)
        ? list.map((item) => item.trim()).filter((item) => item !== '')
        : refuse('a list of strings');
    }
    case 'map':
      return toMap(value) ?? refuse('a list of name=value');
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function toMap(value: unknown): Record<string, string> | undefined {
  if (typeof value === 'string') {
    const pairs = value.split(',').filter((pair) => pair !== '');
    if (pairs.some((pair) => pair.indexOf('=') < 1)) return undefined;
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([, item]) => typeof item === 'string')
    ? Object.fromEntries(entries as [string, string][])
    : undefined;
}

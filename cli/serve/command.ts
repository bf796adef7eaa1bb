import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import {
  CloudTaskError,
  flagOf,
  messageOf,
  type OptionTable,
  type ResolvedOptions,
  resolveOptions,
} from '../../base/index.js';

/** Adds a flag per row, and --options for the YAML file with the same keys. */
export function addOptions(command: Command, table: OptionTable): Command {
  for (const row of table) {
    const value = row.type === 'boolean' ? '' : ` <${row.type}>`;
    command.option(`${flagOf(row.name)}${value}`, row.description);
  }
  return command.option('--options <file>', 'YAML file with these options, keys in camelCase (also CTASK_OPTIONS)');
}

/** Flags, CTASK_* variables, file and defaults as one frozen record. Throws CT_CONFIG_INVALID. */
export async function readOptions(
  table: OptionTable,
  flags: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
): Promise<ResolvedOptions> {
  const path = (flags.options as string | undefined) ?? env.CTASK_OPTIONS;
  return resolveOptions(table, {
    flags,
    env,
    ...(path === undefined ? {} : { file: { path, values: await readOptionsFile(path) } }),
  });
}

async function readOptionsFile(path: string): Promise<Record<string, unknown>> {
  try {
    const values: unknown = parse(await readFile(path, 'utf8')) ?? {};
    if (typeof values !== 'object' || Array.isArray(values)) throw new Error('the file must hold one mapping');
    return values as Record<string, unknown>;
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `options file "${path}" cannot be used: ${messageOf(cause)}`,
      cause,
    });
  }
}

// ctask patch: changes some fields of objects (C-21).
import { promises as fs } from 'node:fs';
import type { Command } from 'commander';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import type { ApiObject } from '../../resources/api-object.js';
import { usage } from '../../resources/target.js';
import { FIELD_MANAGER } from '../apply.js';
import { addErrorUnchanged, failUnchanged } from '../error-unchanged.js';
import { addFilename, type FileFlags } from '../filename-option.js';
import {
  type ChangeFlags,
  type ChangeOptions,
  changeOptions,
  changeQuery,
  MERGE_PATCH,
  namedObjects,
  sayChanged,
} from './named-objects.js';

export interface PatchOptions extends ChangeOptions, FileFlags {
  readonly contentType: string;
  readonly patch?: string;
  readonly patchFile?: string;
}

interface PatchFlags extends ChangeFlags, FileFlags {
  type: string;
  patch?: string;
  patchFile?: string;
  subresource?: string;
}

const TYPES: Readonly<Record<string, string>> = { merge: MERGE_PATCH, json: 'application/json-patch+json' };

export function definePatch(program: Command, deps: CliDeps, run = runPatch): void {
  const command = program
    .command('patch')
    .description('Change some fields of objects')
    .argument('[resource...]', 'TYPE NAME… or TYPE/NAME …')
    .option('-p, --patch <text>', 'the patch, as JSON or YAML')
    .option('--patch-file <file>', 'file with the patch; - for stdin')
    .option('--type <type>', 'merge (RFC 7386) or json (RFC 6902)', 'merge')
    .option('--subresource <name>', 'not offered: the status of objects is written by the center')
    .option('--field-manager <name>', 'who owns the fields from now on', FIELD_MANAGER)
    .option('--dry-run [mode]', 'server: check there, store nothing; none', 'none')
    .option('-o, --output <format>', 'name, json or yaml');
  addExamples(addFilename(addErrorUnchanged(command)), [
    { say: 'One field', run: `ctask patch task hello -p '{"spec": {"timeout": "10m"}}'` },
    { say: 'Take a field away', run: `ctask patch task/hello -p '{"spec": {"timeout": null}}'` },
    {
      say: 'Only if it is as expected',
      run: `ctask patch task hello --type json -p '[{"op": "test", "path": "/spec/suspend", "value": false}, {"op": "replace", "path": "/spec/suspend", "value": true}]'`,
    },
  ]).action((words: string[], flags: PatchFlags) => run(words, patchOptions(flags, deps), deps));
}

function patchOptions(flags: PatchFlags, deps: CliDeps): PatchOptions {
  const { type, patch, patchFile, subresource } = flags;
  if (type === 'strategic') {
    throw usage(
      'strategic merge patches are not offered',
      'use --type merge, or ctask apply, which merges by ownership',
    );
  }
  const contentType = TYPES[type];
  if (contentType === undefined) throw usage(`--type must be one of merge, json, not "${type}"`);
  if (subresource !== undefined) throw usage(`subresource "${subresource}" cannot be patched: the center writes it`);
  if ((patch === undefined) === (patchFile === undefined)) throw usage('give either -p or --patch-file');
  const options = changeOptions(flags, deps);
  if (options.dryRun === 'client') throw usage('what a patch comes to is known to the server', 'use --dry-run=server');
  return {
    ...{ ...options, contentType, filename: flags.filename, recursive: flags.recursive ?? false },
    ...(patch === undefined ? {} : { patch }),
    ...(patchFile === undefined ? {} : { patchFile }),
  };
}

export async function runPatch(words: readonly string[], options: PatchOptions, deps: CliDeps): Promise<void> {
  const body = await patchOf(options, deps);
  const api = await deps.api();
  const { contentType } = options;
  const changed: boolean[] = [];
  for (const { path } of await namedObjects(words, options, deps)) {
    const before = await api.get<ApiObject>(path);
    const object = await api.send<ApiObject>('PATCH', path, { body, contentType, query: changeQuery(options) });
    const same = object.metadata.resourceVersion === before.metadata.resourceVersion;
    changed.push(!same);
    await sayChanged(object, same ? 'patched (no change)' : 'patched', options, deps);
  }
  failUnchanged(options, changed, deps);
}

async function patchOf({ patch, patchFile = '-' }: PatchOptions, deps: CliDeps): Promise<unknown> {
  const text = patch ?? (patchFile === '-' ? await deps.host.stdin.text() : await textOf(patchFile));
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so it is YAML, or nothing: the parser says what is wrong.
  }
  const { parseYaml } = await import('../../heavy/yaml.js');
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new CloudTaskError('CT_USAGE', { detail: `unable to parse the patch: ${messageOf(cause)}`, cause });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (cause) {
    throw new CloudTaskError('CT_USAGE', { detail: messageOf(cause), cause });
  }
}

// ctask create secret: values from literals, files and files of NAME=VALUE lines (row A-36).
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { usage } from '../resources/target.js';
import { collect } from './apply.js';
import { type CommonFlags, type CreateOptions, MODELINE, toCreate } from './create-generators.js';

interface SecretFlags extends CommonFlags {
  fromLiteral: string[];
  fromFile: string[];
  fromEnvFile: string[];
}

export function defineSecret(
  create: Command,
  deps: CliDeps,
  run: (options: CreateOptions, deps: CliDeps) => Promise<void>,
): void {
  const secret = create
    .command('secret')
    .description('Create a secret: values that tasks get and nobody can read back')
    .argument('<name>')
    .option('--from-literal <key=value>', 'a value; other users of this machine may see it in ps', collect, [])
    .option('--from-file <key=path>', 'the content of a file; its name is the key unless given', collect, [])
    .option('--from-env-file <path>', 'a file with a line KEY=VALUE for each value', collect, [])
    .option(...MODELINE, false);
  addExamples(secret, [
    { say: 'One value, from a file', run: 'ctask create secret ledger-db --from-file url=./db-url.txt' },
    { say: 'One value, from a pipe', run: 'ctask create secret ledger-db --from-file password=/dev/stdin' },
    { say: 'All lines of a file of variables', run: 'ctask create secret mail --from-env-file mail.env' },
  ]).action(async (name: string, _flags, self: Command) => {
    const flags = self.optsWithGlobals<SecretFlags>();
    const stringData = await valuesOf(flags);
    await run(toCreate('Secret', name, Object.keys(stringData).length === 0 ? {} : { stringData }, flags), deps);
  });
}

async function valuesOf({ fromLiteral, fromFile, fromEnvFile }: SecretFlags): Promise<Record<string, string>> {
  const values: [string, string][] = fromLiteral.map((text) => pairOf(text, '--from-literal', 'KEY=VALUE'));
  for (const text of fromFile) {
    const [key, path] = text.includes('=') ? pairOf(text, '--from-file', 'KEY=PATH') : [basename(text), text];
    values.push([key, await textOf(path)]);
  }
  for (const path of fromEnvFile) {
    const lines = (await textOf(path)).split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
      values.push(pairOf(line, `${path}:${index + 1}`, 'KEY=VALUE'));
    }
  }
  const given = new Set<string>();
  for (const [key] of values) {
    if (given.has(key)) throw usage(`key "${key}" is given more than once`);
    given.add(key);
  }
  return Object.fromEntries(values);
}

/** What is wrong is said without the text: it may be the value. */
function pairOf(text: string, where: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`${where}: not of the form ${form}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function textOf(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new CloudTaskError('CT_USAGE', { subject: path, detail: 'the file cannot be read', cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const hint = 'values are environment variables: encode bytes as base64 and decode them in the task';
    throw new CloudTaskError('CT_USAGE', { subject: path, detail: 'the file is not UTF-8 text', hint, cause });
  }
}

// ctask support-bundle: one file with what somebody needs who is to find out what is wrong, and with nothing that is secret.
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, promises as fs, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { formatBytes } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { usage } from '../../resources/target.js';
import { naming, some } from '../doctor/check.js';
import { Collection } from './collect.js';

export interface BundleFlags {
  readonly filename?: string;
}

const HELP = `
The file holds versions, what 'ctask doctor' says, objects, events, metrics, the contexts of ctask, and the last log lines of the centers
of the context and of up to 50 agents, those with trouble first; manifest.json in it says what is in it, what was masked and what could not be had. Values of secrets, tokens, passwords and parameters, scripts,
output of runs, and the addresses of webhooks are not in it. Nothing is sent anywhere. What looks like a word is not known to be a password: look into it before you pass it on.
`;

export function defineSupportBundle(program: Command, deps: CliDeps, run = runSupportBundle): void {
  const command = program
    .command('support-bundle')
    .description('Write a file with what helps to find out what is wrong, secrets masked')
    .option('-f, --filename <file>', 'where to; it must not exist (default: ctask-support-TIME.tar.gz)');
  addExamples(command, [
    { say: 'Into this directory, with the time in its name', run: 'ctask support-bundle' },
    { say: 'Of another installation', run: 'ctask support-bundle -f bundle.tar.gz --context local' },
  ])
    .addHelpText('after', HELP)
    .action((flags: BundleFlags) => run(flags, deps));
}

export async function runSupportBundle({ filename }: BundleFlags, deps: CliDeps): Promise<void> {
  const stamp = new Date(deps.clock.now()).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  const path = filename ?? `ctask-support-${stamp}.tar.gz`;
  if (!existsSync(dirname(path))) throw usage(`the directory "${dirname(path)}" does not exist`);
  refuseExisting(path);
  const directory = await fs.mkdtemp(join(tmpdir(), 'ctask-support-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  deps.signal.addEventListener('abort', remove); // at once: after an interrupt the program does not wait for what goes on here
  try {
    const collection = new Collection(directory, deps);
    const { files, missing, masked } = await collection.collect();
    await pack(directory, collection.names, path, deps.signal);
    for (const { what, why, names } of missing) {
      await deps.say(`not in it: ${what} (${why})${names === undefined ? '' : `: ${naming(names)}`}`);
    }
    const total = Object.values(masked).reduce((sum, count) => sum + count, 0);
    const { size } = await fs.stat(path);
    await deps.out(`${path}: ${some(files.length, 'file')}, ${formatBytes(size)}, ${some(total, 'value')} masked\n`);
  } finally {
    deps.signal.removeEventListener('abort', remove);
    remove();
  }
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw usage(`the file "${path}" exists`, 'name another one with -f');
}

/**
 * Packs the files `names` of the directory `cwd`. The file has its name only when it is whole: half of a bundle can be unpacked, and does not
 * say what it lacks. Throws CT_USAGE when there is a file of that name by then.
 */
export async function pack(cwd: string, names: readonly string[], path: string, signal: AbortSignal): Promise<void> {
  const { Pack } = await import('../../heavy/tar.js');
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.partial`);
  const fd = openSync(temporary, 'wx', 0o600);
  const remove = () => rmSync(temporary, { force: true });
  signal.addEventListener('abort', remove);
  try {
    const archive = new Pack({ cwd, gzip: true, portable: true, prefix: 'ctask-support', jobs: 1 });
    for (const name of names) archive.add(name);
    archive.end();
    await pipeline(archive as unknown as NodeJS.ReadableStream, createWriteStream(temporary, { fd }), { signal });
    refuseExisting(path);
    await fs.rename(temporary, path);
  } finally {
    signal.removeEventListener('abort', remove);
    remove(); // after a failure; a whole one has its name
  }
}

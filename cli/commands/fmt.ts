// ctask fmt: manifests in one style; asks no server (row G-05).
import type { Command } from 'commander';
import { CloudTaskError, isCloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';
import { readSources } from '../resources/manifest-sources.js';
import { rewriteFile } from '../resources/rewrite-file.js';
import { usage } from '../resources/target.js';
import { collect } from './apply.js';

export interface FmtOptions {
  filename: string[];
  recursive: boolean;
  check: boolean;
}

export function defineFmt(program: Command, deps: CliDeps, run = runFmt): void {
  const command = program
    .command('fmt')
    .description('Bring manifests into one style: order of keys, indentation; comments stay')
    .argument('[file...]', 'the same as -f')
    .option('-f, --filename <file>', 'file, directory or - for stdin; may be repeated', collect, [])
    .option('-R, --recursive', 'look into subdirectories too', false)
    .option('--check', 'change nothing; exit 1 and name the files that would change', false);
  addExamples(command, [
    { say: 'Which files are not in that style', run: 'ctask fmt --check -f examples/hello' },
    { say: 'From standard input to standard output', run: 'ctask fmt -f - < examples/hello/task.yaml' },
  ]).action((files: string[], options: FmtOptions) =>
    run({ ...options, filename: [...options.filename, ...files] }, deps),
  );
}

export async function runFmt({ filename, recursive, check }: FmtOptions, deps: CliDeps): Promise<void> {
  if (filename.length === 0) throw usage('must specify -f');
  const remote = filename.find((name) => /^https?:\/\//.test(name));
  if (remote !== undefined) throw usage(`"${remote}" cannot be written; give a file`);
  const sources = await readSources(filename, recursive, deps);
  const { formatJsonManifest, formatManifests } = await import('../heavy/manifests.js');
  const format = (file: string, text: string) =>
    named(file, () => (file.endsWith('.json') ? formatJsonManifest(text) : formatManifests(text)));
  // All files are read before the first is written: a typing error in one leaves the others alone.
  const changed = sources.filter(({ file, text }) => format(file, text) !== text);
  if (filename.includes('-') && !check) {
    if (filename.length > 1) throw usage('standard input goes alone: its text is written to standard output');
    return deps.out(sources.map(({ file, text }) => format(file, text)).join(''));
  }
  for (const { file } of changed) {
    if (!check) await rewriteFile(file, (text) => format(file, text));
    await deps.out(`${file}\n`);
  }
  if (check && changed.length > 0) deps.setExit(1);
}

/** An error in a file says which. */
function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isCloudTaskError(error)) throw error;
    throw new CloudTaskError(error.code, { ...error.details, subject: file });
  }
}

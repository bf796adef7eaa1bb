// ctask download package: the file of a version, as it was uploaded.
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import type { Command } from 'commander';
import { CloudTaskError, formatBytes } from '../../../base/index.js';
import type { Package, PackageVersion } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { Progress } from '../../output/progress.js';
import { chosenVersion, type VersionFlags, versionFlags } from './choose-version.js';

interface DownloadFlags extends VersionFlags {
  output?: string;
}

export function defineDownload(program: Command, deps: CliDeps): void {
  const download = program.command('download').description('Download the file of a package');
  const command = versionFlags(download.command('package').alias('pkg'))
    .description('Download the file of a package, as it was uploaded')
    .argument('<name>')
    .option('-o, --output <file>', 'where to put it; - for standard output; NAME.tar.gz or NAME.zip unless given');
  const examples = [
    { say: 'The current version', run: 'ctask download package tool' },
    { say: 'An earlier one', run: 'ctask download package tool --revision 1 -o tool-1.tar.gz' },
  ];
  addExamples(download, examples);
  addExamples(command, examples).action((name: string, flags: DownloadFlags) => runDownload(name, flags, deps));
}

async function runDownload(name: string, flags: DownloadFlags, deps: CliDeps): Promise<void> {
  const { namespace } = await deps.settings();
  const api = await deps.api();
  const object = await api.get<Package>(resourcePath('packages', namespace, name));
  const version = chosenVersion(object, flags) ?? object.spec;
  const { format, bytes } = version as Partial<PackageVersion>;
  const { digest } = version;
  const file = flags.output ?? `${name}.${format === 'Zip' ? 'zip' : 'tar.gz'}`;
  const path = resourcePath('packages', namespace, name, 'content');
  const { stream } = await api.open(path, { digest }, 'application/octet-stream');
  const hash = createHash('sha256');
  const progress = new Progress(deps.host);
  let done = 0;
  const measured = async (write: (chunk: Buffer) => Promise<unknown>) => {
    for await (const chunk of stream) {
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      await write(chunk as Buffer);
      progress.show(`downloading ${formatBytes(done)}${bytes === undefined ? '' : ` of ${formatBytes(bytes)}`}`);
    }
    progress.clear();
    const actual = `sha256:${hash.digest('hex')}`;
    if (actual === digest) return;
    throw new CloudTaskError('CT_INTERNAL', { subject: file, detail: `what came has the digest ${actual}` });
  };
  if (file === '-') return measured((chunk) => deps.out(chunk));
  await intoFile(file, measured);
  await deps.say(`${file}: ${formatBytes(done)}, ${digest}`);
}

/** The file appears when it is whole. */
async function intoFile(
  file: string,
  fill: (write: (chunk: Buffer) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const partial = `${file}.part`;
  const handle = await fs.open(partial, 'w');
  try {
    await fill((chunk) => handle.writeFile(chunk));
    await handle.close();
    await fs.rename(partial, file);
  } catch (error) {
    await handle.close();
    await fs.rm(partial, { force: true });
    throw error;
  }
}

import type { Command } from 'commander';
import { CloudTaskError, formatBytes } from '../../base/index.js';
import { VERSION } from '../version.js';
import { checkBackup } from './backup/check-backup.js';
import { makeBackup } from './backup/make-backup.js';
import { addPlaceOptions, installationOf } from './backup/places.js';
import { Progress } from './backup/say.js';
import { untilCutShort } from './backup/signals.js';
import { fileSink, streamSink } from './backup/write-archive.js';

const FILE = '-f, --filename <file>';

export function defineBackup(program: Command): void {
  const command = program
    .command('backup')
    .description('Back up the store and coordination of an installation while it runs, on the machine of its center');
  addPlaceOptions(command)
    .requiredOption(FILE, 'the archive to write; - for standard output')
    .option('--without-logs', 'leave out the output of runs', false)
    .option('--without-coordination', 'leave out coordination: when it is lost already', false)
    .option(
      '--with-keys',
      'put in key and token files of the data directory: whoever has the archive then has everything',
      false,
    )
    .option('-q, --quiet', 'say nothing while it is made', false)
    .addHelpText(
      'after',
      `
Examples:
  # Of 'ctask up', while it runs
  ctask backup --up -f ctask.tar

  # Of a center with PostgreSQL and ZooKeeper, packed on its way
  ctask backup --store postgres://ctask@db1/ctask --store-password-file db-password --zookeeper zk1:2181 -f - | zstd > ctask.tar.zst

  # Is it whole? Nothing is restored
  ctask backup verify -f ctask.tar
`,
    )
    .action((flags) => runBackup(flags));
  command
    .command('verify')
    .description('Check an archive from its first byte to its last: checksums, form, the chain of the audit')
    .addHelpText(
      'after',
      `
Examples:
  # Is it whole, and of when?
  ctask backup verify -f ctask.tar

  # The newest of a directory
  ctask backup verify -f "$(ls -t /var/backups/ctask/*.tar | head -1)"
`,
    )
    .action((_flags, self: Command) => verifyBackup(self.optsWithGlobals().filename as string));
}

async function runBackup(flags: Record<string, unknown>): Promise<void> {
  const installation = await installationOf(flags);
  const path = flags.filename as string;
  const progress = new Progress(flags.quiet === true);
  if (path === '-' && process.stdout.isTTY)
    throw new CloudTaskError('CT_USAGE', 'an archive is nothing for a terminal: redirect it, or give -f FILE');
  const choice = {
    logs: flags.withoutLogs !== true,
    coordination: flags.withoutCoordination !== true,
    keys: flags.withKeys === true,
    version: VERSION,
  };
  const open = async () => (path === '-' ? streamSink(process.stdout) : fileSink(path));
  const { bytes } = await untilCutShort((signal) => makeBackup(installation, open, { ...choice, signal }, progress));
  if (path !== '-') process.stdout.write(`backup written to ${path} (${formatBytes(bytes)})\n`);
}

/** Throws CT_BACKUP_INVALID, CT_NOT_FOUND, CT_AUDIT_BROKEN. */
async function verifyBackup(path: string): Promise<void> {
  const { manifest, root, records, counts, rows, audit, broken, keys, seal } = await checkBackup(path);
  const count = (table: string) => counts.get(table) ?? 0;
  const withLogs = manifest.schema.logs > 0;
  process.stdout.write(
    [
      `${path} is whole`,
      `made            ${manifest.time} by ctask ${manifest.version}`,
      `store           ${manifest.identity} (${manifest.engine}, schema ${manifest.schema.state}), ${rows} rows: ${count('objects')} objects, ${count('runs')} runs`,
      `logs            ${withLogs ? `of ${count('logs')} attempts` : 'left out'}`,
      `packages        ${count('package_blobs')}`,
      `coordination    ${root === undefined ? 'left out' : `${records.length} trigger records, epoch ${root.epoch}`}`,
      `keys            ${keys.size === 0 ? 'left out' : [...keys.keys()].join(', ')}`,
      `audit           whole up to entry ${audit.sequence}, ${audit.hash}`,
      `sha256          ${seal} (of SHA256SUMS)`,
      '',
    ].join('\n'),
  );
  if (broken === undefined) return;
  throw new CloudTaskError(
    'CT_AUDIT_BROKEN',
    `the audit of writes is broken at entry ${broken.sequence}: ${broken.why}`,
  );
}

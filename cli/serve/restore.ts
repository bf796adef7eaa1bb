import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { addPlaceOptions, type Installation, installationOf, shownStore } from './backup/places.js';
import { restoreBackup } from './backup/restore-backup.js';
import { Progress } from './backup/say.js';
import { untilCutShort } from './backup/signals.js';
import { dataDirectoryPath } from './data-dir.js';
import { quoted } from './quoted.js';

export function defineRestore(program: Command): void {
  const command = program
    .command('restore')
    .description('Restore a backup into an empty store and an empty coordination, while no center runs');
  addPlaceOptions(command)
    .requiredOption('-f, --filename <file>', 'the archive of ctask backup')
    .option('--keep-coordination', 'coordination was not lost: restore the store alone', false)
    .option('-q, --quiet', 'say nothing while it is done', false)
    .addHelpText(
      'after',
      `
Examples:
  # Of 'ctask up', into a new directory; then start it there
  ctask restore --up --data-dir /srv/ctask -f ctask.tar

  # A center with PostgreSQL and ZooKeeper: a new database, an empty root
  ctask restore --store postgres://ctask@db2/ctask --store-password-file db-password --zookeeper zk1:2181 -f ctask.tar

  # The database was lost, ZooKeeper was not
  ctask restore --store postgres://ctask@db2/ctask --zookeeper zk1:2181 --keep-coordination -f ctask.tar
`,
    )
    .action((flags) => runRestore(flags));
}

async function runRestore(flags: Record<string, unknown>): Promise<void> {
  const installation = await installationOf(flags);
  const progress = new Progress(flags.quiet === true);
  const keepCoordination = flags.keepCoordination === true;
  const { manifest, counts } = await untilCutShort((signal) =>
    restoreBackup(flags.filename as string, installation, { keepCoordination, signal }, progress),
  );
  const lines = [`restored to ${shownStore(installation.store)}, as it was at ${manifest.time}`];
  if ((counts.get('secret_values') ?? 0) > 0 && !existsSync(installation.secretsKeyFile))
    lines.push(
      `No center starts before ${installation.secretsKeyFile} is there: the store has secrets, and their key is not in the backup`,
    );
  const asks = 'asks all agents what they know before tasks start again (see docs/backup.md)';
  lines.push(
    ...(flags.up === true
      ? [`Start it: ${upLine(installation)}`, `Its center ${asks}`]
      : [`Start the center: it ${asks}`]),
    '',
  );
  process.stdout.write(lines.join('\n'));
}

/** What to type; without its directory where `ctask up` finds it by itself, so that the context is called as ever. */
function upLine({ centerDir }: Installation): string {
  const dataDir = dirname(centerDir);
  return dataDir === dataDirectoryPath({}, 'up', process.env) ? 'ctask up' : `ctask up --data-dir ${quoted(dataDir)}`;
}

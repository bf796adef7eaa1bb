import { join } from 'node:path';
import type { Command } from 'commander';
import { CloudTaskError, systemClock, writeFileDurably } from '../../base/index.js';
import { startEmbeddedServer } from '../../coordination/index.js';
import { addOptions, readOptions } from './command.js';
import { dataDirectory, PORT_FILE } from './data-dir.js';
import { announceReady, untilAskedToEnd } from './lifecycle.js';
import { createLogger } from './logging.js';
import { coordinationOptions } from './option-tables.js';

export function defineCoordination(program: Command): void {
  const command = program
    .command('coordination', { hidden: true })
    .description('Run the embedded coordination server, which speaks the ZooKeeper protocol');
  addOptions(command, coordinationOptions).action((flags) => runCoordination(flags));
}

async function runCoordination(flags: Record<string, unknown>): Promise<void> {
  const options = await readOptions(coordinationOptions, flags, process.env);
  const dataDir = await dataDirectory(options, 'coordination', process.env);
  const log = createLogger({ level: options.logLevel as string, process: 'coordination' });
  const end = untilAskedToEnd(log);
  const server = await startEmbeddedServer({
    dataDir,
    host: options.host as string,
    port: options.port as number,
    tickMs: options.tick as number,
    clock: systemClock,
    log,
  });
  log.info({ port: server.port, dataDir }, 'coordination is ready');
  await writeFileDurably(join(dataDir, PORT_FILE), `${server.port}\n`);
  announceReady({ port: server.port });
  // When the disk refuses, the server stops by itself: what it has not written it must not promise.
  const failed = server.events.next('failed');
  const reason = await Promise.race([end, failed.then(() => 'failed' as const)]);
  await server.stop();
  if (reason === 'failed')
    throw new CloudTaskError('CT_COORDINATION', 'the coordination server stopped because its journal failed');
}

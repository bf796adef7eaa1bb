// The thread of a database: everything between a call of the store and the file or server, so that nothing of it takes time
// from the event loop that holds a ZooKeeper session.
import { parentPort, workerData } from 'node:worker_threads';
import { CloudTaskError } from '../../../base/index.js';
import { failureOf } from './failure.js';
import { Host } from './host.js';
import { openPart } from './open-part.js';
import type { WorkerOptions } from './protocol.js';

const port = parentPort!;
const options = workerData as WorkerOptions;
const host = new Host(port, options.now);
try {
  host.serve(await openPart(options, host));
} catch (error) {
  const known = (error as { code?: string }).code?.startsWith('SQLITE_')
    ? new CloudTaskError('CT_STORE', `${(error as Error).message} (${(error as { code: string }).code})`)
    : error;
  port.postMessage({ failure: failureOf(known) });
  port.close();
}

import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CloudTaskError } from '../../base/index.js';
import { platform } from '../platform/index.js';
import { PROTOCOL_VERSION } from './messages.js';

/** Where the runner of a data directory and index keeps its things. */
export interface RunnerFiles {
  readonly directory: string;
  readonly socket: string;
  readonly lock: string;
  readonly exits: string;
  readonly log: string;
}

/** Creates the directories. Throws CT_RUNNER when the one of the socket could be somebody else's: whoever listens there
 * is handed the environments of all processes. */
export function runnerFiles(dataDir: string, index: number): RunnerFiles {
  const directory = join(dataDir, 'runner');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const name = `${index}.v${PROTOCOL_VERSION}`;
  const socket = platform.socketPath(directory, `${name}.sock`);
  if (process.platform !== 'win32') requireOwnDirectory(dirname(socket));
  return {
    directory,
    socket,
    lock: join(directory, `${name}.lock`),
    exits: join(directory, `${name}.exits`),
    log: join(directory, `${name}.log`),
  };
}

function requireOwnDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new CloudTaskError('CT_RUNNER', {
      subject: `directory "${path}"`,
      detail: 'others may write to it',
      hint: 'it must belong to the user that runs the agent, mode 0700',
    });
  }
}

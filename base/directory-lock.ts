// One process per data directory. The lock is held by the kernel for a living process, so kill -9 releases it and a stale
// lock cannot exist. Linux: an abstract socket (per network namespace: two containers that share a directory but not a
// network are not kept apart by it). Windows: a named pipe. Elsewhere: an exclusively opened file (O_EXLOCK).
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CloudTaskError } from './errors.js';

/** BSD open(2): take an exclusive flock with the open. Not among Node's constants. */
const O_EXLOCK = 0x20;

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Throws CT_LOCKED when another process holds the directory. The directory must exist. */
export async function acquireDirectoryLock(directory: string): Promise<DirectoryLock> {
  const path = realpathSync(directory);
  const key = createHash('sha256').update(path).digest('hex').slice(0, 40);
  if (process.platform === 'linux') return lockByServer(`\0cloudtask-${key}`, path);
  if (process.platform === 'win32') return lockByServer(`\\\\.\\pipe\\cloudtask-${key}`, path);
  return lockByFile(join(path, 'lock'), path);
}

async function lockByServer(name: string, directory: string): Promise<DirectoryLock> {
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? locked(directory, cause) : cause),
    );
    server.listen(name, resolve);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function lockByFile(file: string, directory: string): DirectoryLock {
  try {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK, 0o600);
    return { release: async () => closeSync(fd) };
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EAGAIN' ? locked(directory, cause) : cause;
  }
}

function locked(directory: string, cause: unknown): CloudTaskError {
  return new CloudTaskError('CT_LOCKED', {
    detail: `"${directory}" is in use by another process`,
    hint: 'end that process first, or give another --data-dir',
    cause,
  });
}

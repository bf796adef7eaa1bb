import { randomUUID } from 'node:crypto';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { type Clock, CloudTaskError } from '../../base/index.js';

const POLL_MS = 20;
/** An edit takes milliseconds; a lock that stands for this long belongs to a process that died. */
const STALE_AFTER_MS = 5000;

/** Runs `work` while holding `<path>.lock`, so that two commands do not edit the same file at once. */
export async function withFileLock<T>(path: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const ours = randomUUID();
  await acquire(lock, ours, clock);
  try {
    return await work();
  } finally {
    // Not ours any more when somebody took us for dead; then theirs must stay.
    if ((await readFile(lock, 'utf8').catch(() => '')) === ours) await unlink(lock).catch(() => undefined);
  }
}

async function acquire(lock: string, ours: string, clock: Clock): Promise<void> {
  let seen = '';
  let seenSince = clock.monotonic();
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.writeFile(ours);
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new CloudTaskError('CT_CONFIG_INVALID', { detail: (error as Error).message, cause: error });
      }
    }
    const holder = await readFile(lock, 'utf8').catch(() => '');
    if (holder !== seen) {
      seen = holder;
      seenSince = clock.monotonic();
    } else if (clock.monotonic() - seenSince > STALE_AFTER_MS) {
      // Renaming is exclusive: of several that wait, one breaks the lock.
      await rename(lock, `${lock}.${ours}`).then(
        () => unlink(`${lock}.${ours}`),
        () => undefined,
      );
      seenSince = clock.monotonic();
    }
    await clock.sleep(POLL_MS);
  }
}

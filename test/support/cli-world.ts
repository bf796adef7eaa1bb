import { join } from 'node:path';
import type { Test } from 'tap';
import { type Clock, systemClock } from '../../base/index.js';
import { writeContext } from '../../cli/client/index.js';
import { CliCenter } from './cli-center.js';
import { CliUser } from './cli-terminal.js';

/** A center with the real API, and a user whose context `local` leads to it; both gone when the test ends. */
export async function startCliWorld(
  t: Test,
  clock: Clock = systemClock,
): Promise<{ center: CliCenter; user: CliUser }> {
  const center = new CliCenter(t.testdir(), clock);
  await center.start();
  const user = new CliUser();
  t.teardown(async () => {
    user.go();
    await center.stop();
  });
  const host = {
    env: { CTASK_CONFIG: join(user.home, 'config.yaml') },
    homeDir: user.home,
    platform: process.platform,
  };
  await writeContext({ name: 'local', server: center.url, tokenFile: center.tokenFile }, host, systemClock);
  return { center, user };
}

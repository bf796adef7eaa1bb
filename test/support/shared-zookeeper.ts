import { requireZooKeeper, startZooKeeper, type ZooKeeper } from './zookeeper.js';

type Test = Parameters<typeof requireZooKeeper>[0];

/** One Apache ZooKeeper for the tests of a file, started by the first that asks. The function returns undefined, and says
 * so in its test, where ZooKeeper is missing. */
export function sharedZooKeeper(file: Test): (t: Test) => Promise<ZooKeeper | undefined> {
  let started: Promise<ZooKeeper> | undefined;
  file.teardown(async () => (await started)?.stop());
  return async (t) => {
    if (!requireZooKeeper(t)) return undefined;
    started ??= startZooKeeper({ tickMs: 1000 });
    return started;
  };
}

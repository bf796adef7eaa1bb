// Faults whose consequences are promised in full: what must not happen, and what must.
import t, { type Test } from 'tap';
import { requireZooKeeper } from '../support/zookeeper.js';
import { type ChaosResult, chaos } from './chaos.js';
import type { Fault } from './faults.js';
import { requireBuild } from './require-build.js';
import { verdictLine } from './verdict-line.js';

/** The session time-out that agents ask for unless told otherwise. */
const SESSION_MS = 4_000;

t.setTimeout(900_000);

async function play(t: Test, faults: readonly Fault[], more: { stableThroughout?: boolean } = {}) {
  const say = (line: string) => t.comment(line);
  const lengthMs = Math.max(...faults.map(({ at, forMs }) => at + forMs)) + 10_000;
  const size = { tasks: 24, agents: 3, centers: 1, quietMs: 10_000 };
  const result = await chaos({ ...size, ...more, seed: 1, lengthMs, faults, say });
  t.comment(verdictLine(result));
  t.same(result.findings, [], `evidence in ${result.directory}`);
  t.equal(result.audit.code, 0, result.audit.output);
  return result;
}

/** Time points of whatever state in which no process ran, but those that Forbid skips by design. */
function notRun({ figures }: ChaosResult): string[] {
  return Object.keys(figures.notRun).filter((reason) => reason !== 'Skipped(ConcurrencyForbid)');
}

t.test('scenarios', { timeout: 900_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const missing = requireBuild();
  if (missing !== undefined) {
    t.fail(missing);
    return;
  }

  await t.test('an agent that is stopped for three session time-outs starts nothing twice', async (t) => {
    const result = await play(t, [{ at: 2_000, kind: 'agent-pause', target: 'a1', forMs: 3 * SESSION_MS }]);
    t.ok(result.figures.failover.count > 0, 'its tasks ran elsewhere');
  });

  await t.test('restarts of agents, center and ZooKeeper within the session move and miss nothing', async (t) => {
    const result = await play(
      t,
      [
        { at: 1_000, kind: 'agent-restart', target: 'a1', forMs: 200 },
        { at: 10_000, kind: 'agent-kill', target: 'a2', forMs: 200 },
        { at: 18_000, kind: 'center-kill', target: 'c1', forMs: 6_000 },
        { at: 30_000, kind: 'center-pause', target: 'c1', forMs: 6_000 },
        { at: 42_000, kind: 'zookeeper-rolling-restart', target: 'zookeeper', forMs: 0 },
      ],
      { stableThroughout: true },
    );
    t.same(notRun(result), []);
  });
});

// The short form of `npm run chaos`: half a minute of faults, one seed. CTASK_CHAOS_SEED asks for another one.
import t from 'tap';
import { requireZooKeeper } from '../support/zookeeper.js';
import { chaos } from './chaos.js';
import { requireBuild } from './require-build.js';
import { verdictLine } from './verdict-line.js';

const SEED = Number(process.env.CTASK_CHAOS_SEED ?? 7);

t.setTimeout(600_000);
t.test('random faults for half a minute', { timeout: 600_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const missing = requireBuild();
  if (missing !== undefined) {
    t.fail(missing);
    return;
  }
  const say = (line: string) => t.comment(line);
  const options = { lengthMs: 30_000, quietMs: 10_000, tasks: 24, agents: 3, centers: 1 };
  const result = await chaos({ ...options, seed: SEED, say });
  t.comment(verdictLine(result));
  t.same(result.findings, [], `evidence in ${result.directory}`);
  t.equal(result.audit.code, 0, result.audit.output);
  t.ok(result.figures.ran > 0, 'something ran at all');
});

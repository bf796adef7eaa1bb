// What a restart makes of what the process before it left: the cases in which it could start something twice or lose it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../base/index.js';
import { AgentBench, type AgentProcess } from '../test/support/agent-bench.js';
import { untilLogEnded } from '../test/support/agent-helpers.js';

const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);

async function kill({ child }: AgentProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Bounds the files of the process, as a full disk does: a write behind the limit fails. Linux only. */
function limitFiles({ child }: AgentProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
}

/** One time point that is due at once, and then none for long. */
const overdue = { schedules: [{ every: '1h' }], catchUpWindow: '2h' };
const onePoint = () => ({ cursor: Date.now() - 3_600_000 });

t.test('an end that the journal could not take keeps its directory: a restart starts nothing twice', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agentProcess();
  const witness = join(bench.directory, 'witness');
  const gate = join(bench.directory, 'gate');
  const script = `echo x >> ${witness}; while [ ! -e ${gate} ]; do sleep 0.02; done; echo end`;
  const task = bench.task({ ...overdue, run: { script } });
  await bench.allocate('a1', [task], onePoint());
  const { runUid } = await agent.line('started');
  const uid = String(runUid);
  limitFiles(agent, 0);
  writeFileSync(gate, '');
  while (bench.center.runs.get(uid)?.state !== 'Succeeded') await bench.center.events.next('report');
  // Time enough to ship the end and to remove the directory, for an agent that does not wait for its journal.
  await systemClock.sleep(1000);
  await kill(agent);
  const again = await bench.agent();
  await untilLogEnded(bench, uid);
  while (again.pending().runs > 0) await again.events.next('ended');
  t.strictSame(lines(witness), ['x']);
  t.equal(bench.center.text(uid, 1, 'stdout'), 'end\n');
  t.match(bench.center.runs.get(uid), { state: 'Succeeded', attempt: 1 });
});

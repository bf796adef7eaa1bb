// Whatever a task leaves behind, nothing of it is left when its run has ended: every way to be hard to end, by every cause.
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { RunReport } from '../manifests/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand } from '../test/support/agent-helpers.js';
import { processesWith } from '../test/support/processes.js';
import { fixture, until } from './runner/fixtures/rig.js';

t.setTimeout(120_000);
/** How many processes carry the number when a kind is up, at least. */
const KINDS = { child: 2, 'double-fork': 2, session: 2, deaf: 2, bare: 2, daemon: 2, hidden: 2, bomb: 4 } as const;
const CAUSES = ['cancel', 'timeout', 'Replace', 'drain', 'end of the agent'] as const;

t.test('no survivors', { skip: process.platform !== 'linux' && 'looks at /proc' }, async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const ended = new Map<string, RunReport>();
  agent.events.on('ended', (report) => void ended.set(report.uid, report));
  const cells = CAUSES.flatMap((cause, row) =>
    Object.entries(KINDS).map(([kind, count], column) => {
      const timeout = cause === 'timeout' ? { timeout: '2s' } : {};
      const limits = kind === 'bomb' ? { resources: { limits: { pids: 100 } } } : {};
      const concurrencyPolicy = cause === 'Replace' ? 'Replace' : 'Allow';
      const name = `${kind}-${row}`;
      const command = [fixture('escape.sh')];
      const task = bench.task(
        { run: { command }, gracePeriod: '300ms', concurrencyPolicy, ...timeout, ...limits },
        name,
      );
      // Sleeps for eleven days or more, and is no number of anybody else.
      return { cause, kind, count, task, number: String(1_000_000 + process.pid * 100 + row * 10 + column) };
    }),
  );
  await bench.allocate(
    'a1',
    cells.map(({ task }) => task),
  );
  // One cause after the other, so that the machine has few of them at a time.
  for (const cause of CAUSES) {
    const those = cells.filter((cell) => cell.cause === cause);
    const runs = those.map((cell) => ({
      ...cell,
      run: startOnDemand(bench, cell.task, { args: [cell.kind, cell.number] }),
    }));
    const isOver = (uid: string) => ended.has(uid);
    // A timeout may come before all are up; what is up then is ended all the same.
    await until(() => runs.every(({ number, count, run }) => isOver(run.uid) || processesWith(number).length >= count));
    for (const { task, run } of runs) {
      if (cause === 'cancel') bench.center.request({ type: 'Cancel', runUid: run.uid });
      if (cause === 'drain') bench.center.request({ type: 'Cancel', runUid: run.uid, reason: 'Drained' });
      if (cause === 'Replace') startOnDemand(bench, task, { args: ['end', '0'] });
    }
    if (cause === 'end of the agent') await agent.end();
    else await until(() => runs.every(({ run }) => isOver(run.uid)));
    const expected = {
      ...{ cancel: 'Cancelled Requested', timeout: 'TimedOut Timeout', Replace: 'Cancelled Replaced' },
      drain: 'Cancelled Drained',
    };
    for (const { kind, number, run } of runs) {
      t.same(processesWith(number), [], `${kind}, ${cause}`);
      if (cause === 'end of the agent') continue;
      const { state, reason } = ended.get(run.uid) ?? {};
      t.equal(`${state} ${reason}`, expected[cause], `${kind}, ${cause}`);
    }
  }
});

t.test('the page names what is tested here', async (t) => {
  const page = readFileSync(new URL('../docs/execution.md', import.meta.url), 'utf8');
  for (const kind of Object.keys(KINDS)) t.match(page, new RegExp(`^\\| \`${kind}\` \\|`, 'm'));
});

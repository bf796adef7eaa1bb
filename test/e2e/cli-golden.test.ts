// What people see, as files (test/golden): tables and descriptions of a fixed world at a fixed time. Only the random parts of the
// names of runs are replaced, by as many letters.
import t from 'tap';
import { golden } from '../support/golden.js';
import { openGoldenWorld } from '../support/golden-world.js';

t.test('tables and descriptions (6.5, C-52)', async (t) => {
  const { run, report, plain } = await openGoldenWorld(t);
  const pages: readonly [string, string][] = [
    ['get-tasks.txt', 'get tk -n billing'],
    ['get-tasks-wide.txt', 'get tk -n billing -o wide'],
    ['get-runs.txt', 'get ru -n billing'],
    ['get-runs-wide.txt', 'get ru -n billing -o wide'],
    ['get-agents.txt', 'get ag'],
    ['describe-task.txt', 'describe task nightly-report -n billing'],
    ['describe-run.txt', `describe run ${report.metadata.name} -n billing`],
    ['describe-agent.txt', 'describe agent eu-1'],
    ['describe-cluster.txt', 'describe cluster eu'],
    ['why.txt', 'why nightly-report -n billing'],
    ['next.txt', 'next nightly-report -n billing -c 3'],
    ['next.json', 'next nightly-report -n billing -c 1 -o json'],
    ['events.txt', 'events -n billing'],
    ['top-tasks.txt', 'top tasks -n billing'],
  ];
  for (const [file, line] of pages) golden(t, file, plain(await run(line)));
});

// `npm run bench [-- name …]`: runs each benchmark in a process of its own and prints its table. Build first.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const all = [
  'main-job',
  'cli-start',
  'cli-scale',
  'dashboard-start',
  'dashboard-scale',
  'console-tasks',
  'schedules',
  'runner',
  'store',
  'metrics',
  'alarms',
  'coordination',
  'coordination-client',
  'console-load',
];
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : all;

for (const name of wanted) {
  console.log(`\n## ${name}\n`);
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--import=tsx', file], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

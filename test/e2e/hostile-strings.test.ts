// What users, agents and programs write is shown at a terminal by every command that shows it, and does nothing there.
import t from 'tap';
import type { RunReport } from '../../manifests/index.js';
import { runName, runUid } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';
import { HOSTILE, obeyedByTerminal } from '../support/hostile-strings.js';

const ALL = HOSTILE.filter((text) => !text.includes('\0')).join(' ');

const MANIFEST = [
  {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'evil', annotations: { note: ALL } },
    spec: {
      description: ALL,
      schedules: [{ cron: '0 2 * * *' }],
      parameters: [{ name: 'who', description: ALL, default: ALL }],
      run: { command: ['/bin/echo', ALL], env: [{ name: 'X', value: ALL }] },
    },
  },
  {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'User',
    metadata: { name: 'eve', annotations: { note: ALL } },
    spec: { displayName: ALL },
  },
]
  .map((object) => JSON.stringify(object))
  .join('\n---\n');

const COMMANDS = [
  ...['get tasks', 'get tasks -o wide', 'get task evil -o yaml', 'get task evil -o json', 'describe task evil'],
  ...['get runs', 'get runs -o wide', 'get runs -o yaml', 'describe run RUN', 'why evil', 'logs RUN'],
  ...['logs RUN --timestamps', 'events', 'get events -o yaml', 'get agents -o wide', 'describe agent a1', 'next evil'],
  ...[
    'get users -o wide',
    'describe user eve',
    'get users -o yaml',
    'export',
    'rollout history task evil',
    'top tasks',
  ],
  ...[
    'audit writes',
    'audit writes -o yaml',
    'get all -A',
    'diff -f -',
    'apply -f -',
    'delete task evil --dry-run=client',
  ],
  "get task evil -o jsonpath='{.spec.description}'",
  "get task evil -o 'custom-columns=A:.spec.description,B:.spec.run.command'",
];

t.test('abuse: what is shown at a terminal does nothing to it', { timeout: 120_000 }, async (t) => {
  const { center, user } = await startCliWorld(t);
  t.match(await user.type('apply -f -', { input: MANIFEST, tty: true }), { code: 0 });
  const task = await center.task('evil');
  const key = { taskUid: task.metadata.uid!, slot: '', point: Date.UTC(2026, 0, 1) };
  const report: RunReport = {
    ...{ uid: runUid(key), name: runName('evil', key), namespace: 'default', task: 'evil', taskUid: key.taskUid },
    ...{ slot: '', revision: 1, trigger: 'Schedule', schedule: 'default', scheduledTime: key.point, state: 'Failed' },
    ...{ reason: 'StartFailed', message: ALL, attempt: 1, startTime: key.point, endTime: key.point + 1 },
    attempts: [{ number: 1, state: 'Failed', agent: 'a1', reason: 'StartFailed', message: ALL }],
  };
  t.same((await center.store.acceptReports('a1', [report])).refused, []);
  const run = (await center.store.getByUid('Run', report.uid)) as never;
  await center.output(run, `${ALL}\n`, { end: true });
  await center.store.heartbeat('a1', { cluster: 'default' }, { hostile: ALL }, {
    state: 'Ready',
    hostname: ALL,
  } as never);
  let shown = 0;
  for (const command of COMMANDS) {
    const line = command.replace('RUN', report.name);
    const { stdout, stderr, code } = await user.type(line, { tty: true, input: MANIFEST.replace('0 2 *', '1 2 *') });
    t.equal(obeyedByTerminal(stdout + stderr), undefined, line);
    t.ok(code === 0 || (command.startsWith('diff') && code === 1), `${line}: ${code} ${stderr.slice(0, 200)}`);
    if (/\^\[\]52|\\u001b\]52|\\e\]52/.test(stdout)) shown += 1;
  }
  t.ok(shown > 12, `${shown} commands show it`);
  const piped = await user.type("get task evil -o jsonpath='{.spec.description}'");
  t.equal(piped.stdout, ALL, 'programs get what is there');
});

// Commands about single objects against the real API: describe, suspend, next, cancel, events, delete.
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { BILLING, HELLO, OTHER } from '../support/hello-manifests.js';

t.test('describe, delete, suspend, next, cancel', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: `${BILLING}---\n${HELLO}---\n${OTHER}` });
  const now = Date.now();
  const run = await center.scheduled('hello', now - 60_000, {
    state: 'Failed',
    exitCode: 3,
    startTime: now - 60_000,
    endTime: now - 20_000,
  });

  await t.test('describe (C-52)', async (t) => {
    const { code, stdout } = await user.type('describe task hello');
    t.equal(code, 0);
    const stable = stdout
      .replace(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} ([+-]\d{4}) \(.*?\)/g, 'DATE $1')
      .replace(/ +Meaning/, '  Meaning')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/ \d+s( |$)/gm, ' 0s$1')
      .replaceAll(run.metadata.name, 'RUN');
    t.equal(
      stable,
      [
        'Name:           hello',
        'Namespace:      default',
        'Labels:         team=fin',
        'Annotations:    <none>',
        'API Version:    cloudtask.dev/v1',
        'Kind:           Task',
        'Created:        DATE +0000',
        'Generation:     1',
        'Status:         <unknown>',
        'Health:         <unknown>',
        'Schedules:',
        '  Name     Schedule   Time Zone      Next  Meaning',
        '  default  0 2 * * *  Europe/Berlin  DATE +0100  at 02:00 every day',
        'Suspend:             false',
        'Concurrency Policy:  Forbid',
        'Missed Run Policy:   RunOnce',
        'Starting Deadline:   0s',
        'Timeout:             <none>',
        'Retry:               <none>',
        'Placement:',
        '  Cluster:       default',
        '  Selector:      <none>',
        '  Agents:        <any>',
        '  Eligible:      0 of 0 agents',
        '  Allocated to:  <none>',
        'Command:        ["/bin/echo","hi"]',
        'Next Runs:      TIME, TIME, TIME, TIME, TIME',
        'Recent Runs:',
        '  Name              Status  Exit  Trigger   Duration  Age',
        '  RUN  Failed  3     Schedule  0s       0s',
        'Conditions:     <none>',
        'Events:',
        '  Type     Reason  Age  From      Message',
        '  ----     ------  ---  ----      -------',
        '  Warning  Failed  0s   agent/a1  run RUN failed: exit code 3',
        '',
      ].join('\n'),
    );
    t.match(await user.type('describe task hel'), { code: 0, stdout: /^Name: +hello$/m }, 'a prefix will do');
    t.match(await user.type('describe task nope'), { code: 5 });
    t.match(
      (await user.type(`describe run/${run.metadata.name}`)).stdout,
      /Attempts:\n {2}Number .*\n {2}1 +Failed +a1 +3 /,
    );
    t.equal((await user.type('describe tasks -A')).stdout.split('\n\n\nName:').length, 2);
    await center.agent('a1');
    t.match((await user.type('describe agent a1')).stdout, /Status: +Ready/);
    t.match((await user.type('describe cluster default')).stdout, /Agents:\n {2}Name .*\n {2}a1 +Ready/);
    t.match(
      (await user.type('describe cluster default')).stdout,
      /\nNotify: +<none>\nNotify Runs: +<none>\nAlarms: +<none>\n/,
    );
    t.match((await user.type('describe ns billing')).stdout, /Kind: +Namespace/);
    t.match(await user.type('describe task nope hello none'), {
      code: 5,
      stdout: /^Name: +hello\n/,
      stderr: /"nope" not found\n[\s\S]*"none" not found\n/,
    });
    t.match(await user.type('describe task hello -l a=b'), { code: 2 });
    t.match(await user.type('describe task hello -A'), { code: 2 });
  });

  await t.test('suspend and resume are idempotent (C-26)', async (t) => {
    const line = (operation: string) => ({ code: 0, stdout: `task.cloudtask.dev/hello ${operation}\n`, stderr: '' });
    t.same(await user.type('suspend task/hello'), line('suspended'));
    t.same(await user.type('suspend hello'), line('unchanged'));
    t.match(await user.type('next hello'), { code: 0, stderr: /the task is suspended/ });
    t.same(await user.type('resume task hello'), line('resumed'));
    t.same(await user.type('resume tk/hello'), line('unchanged'));
    t.match(await user.type('suspend nope'), { code: 5 });
    t.match(await user.type('suspend'), { code: 2, stderr: /name a task, or give -l or -f/ });
  });

  await t.test('C-03: suspend and resume what manifests name, each in its namespace', async (t) => {
    const input = `${BILLING}---\n${HELLO}---\n${OTHER}`;
    const both = (operation: string) => ({
      code: 0,
      stdout: `task.cloudtask.dev/hello ${operation}\ntask.cloudtask.dev/other ${operation}\n`,
      stderr: '',
    });
    t.same(await user.type('suspend -f -', { input }), both('suspended'));
    t.equal((await center.task('other', 'billing')).spec.suspend, true);
    t.same(await user.type('resume -f -', { input }), both('resumed'));
    t.match(await user.type('suspend -f -', { input: BILLING }), {
      ...{ code: 2, stdout: '' },
      stderr: /the manifests name no Task: nothing was suspended/,
    });
    t.match(await user.type('suspend hello -f -', { input }), { code: 2 });
    t.match(await user.type('suspend -l a=b -f -', { input }), { code: 2 });
  });

  await t.test('suspend until, and why (C-26)', async (t) => {
    const suspended = 'task.cloudtask.dev/hello suspended\n';
    const until = '2199-12-01T08:00';
    t.match(
      await user.run(['suspend', 'hello', '--until', until, '--timezone', 'Asia/Tokyo', '--reason', 'the move']),
      {
        ...{ code: 0, stdout: suspended },
        stderr: 'until 2199-11-30T23:00:00Z (Sun, 01 Dec 2199 08:00:00 +0900, Asia/Tokyo)\n',
      },
    );
    t.match(await user.type(`suspend hello --until ${until} --timezone Asia/Tokyo`), { stdout: / unchanged\n$/ });
    const words = /the task is suspended until 2199-11-30T23:00:00Z \(the move\): no time point before then fires/;
    t.match(await user.type('next hello -c 1'), { code: 0, stderr: words });
    t.match(await user.type('why hello'), {
      stdout: /Suspended +the task is suspended until 2199-11-30T23:00:00Z \(the move\)/,
    });
    t.match((await user.type('get task hello -o wide')).stdout, /<suspended>.* until 2199-11-30T23:00:00Z /);
    const described = (await user.type('describe task hello')).stdout;
    t.match(described, /\nSuspend: +until Sun, 01 Dec 2199 00:00:00 \+0100/);
    t.match(described, /\nSuspend Reason: +the move\n/);
    t.match(await user.type('suspend -l team=nobody'), { code: 0, stdout: '', stderr: /^No tasks found/ });
    t.match(await user.type('suspend hello --until 2h'), { code: 0, stdout: suspended });
    const { spec } = await center.task('hello');
    t.ok(Math.abs(Date.parse(spec.suspendUntil ?? '') - Date.now() - 2 * 3_600_000) < 600_000);
    t.match(spec, { suspend: false, suspendReason: 'the move' });
    t.match(await user.type('suspend hello'), { code: 0, stdout: suspended }, 'without an end it has none');
    t.match((await center.task('hello')).spec, { suspend: true, suspendUntil: undefined, suspendReason: 'the move' });
    for (const bad of ['2020-01-01', '0s', '-2h', 'soon', '2199-02-30', '2199-01-01T08:00+1']) {
      t.match(await user.run(['suspend', 'hello', `--until=${bad}`]), { code: 2 }, bad);
    }
    t.match(await user.type('suspend hello --until 2199-01-01 --timezone Nowhere/Land'), {
      code: 2,
      stderr: /--timezone/,
    });
    t.match(await user.type('resume hello'), { stdout: 'task.cloudtask.dev/hello resumed\n' });
    const left = (await center.task('hello')).spec;
    t.same([left.suspend, left.suspendUntil, left.suspendReason], [false, undefined, undefined]);
  });

  await t.test('next of a task', async (t) => {
    const { stdout } = await user.type('next hello --from 2026-03-28T00:00:00Z -c 2 -o json');
    t.equal(
      stdout,
      '{"task":"default/hello","times":["2026-03-28T01:00:00Z","2026-03-29T01:00:00Z"],"timeZone":"Europe/Berlin",' +
        '"notes":[{"time":"2026-03-29T01:00:00Z","schedule":"default",' +
        '"note":"02:00 does not exist: clocks go from 02:00 to 03:00"}]}\n',
    );
    const spread = HELLO.replace('name: hello', 'name: spread').replace('0 2 * * *', 'H H(9-16) * * *');
    t.match(await user.type('apply -f -', { input: spread }), { code: 0 });
    // 15:17 is the time of default/spread for ever.
    t.match(await user.type('next spread'), { code: 0, stderr: 'at 15:17 every day (Europe/Berlin)\n' });
    t.match(await user.type('delete task spread'), { code: 0 });
    t.match((await user.type('next task/hello')).stdout, /^TIME +EUROPE\/BERLIN +IN\n/);
    t.match(await user.type('next nope'), { code: 5 });
    t.same(await user.type('next hello -n 2'), {
      ...{ code: 5, stdout: '' },
      stderr: 'error: no task "hello" in namespace "2": -n is the namespace\nhint: the number of time points is -c 2\n',
    });
    t.match(await user.type('next hello -n two'), {
      ...{ code: 5, stdout: '' },
      stderr: /"two": -n is the namespace\nhint: the number of time points is -c NUMBER\n$/,
    });
    t.match(await user.type('next --all -n 3'), { code: 0, stderr: /namespace; the number of time points is -c 3\n$/ });
    t.match(await user.type("next --expr '0 2 * * *' -n 3"), { code: 2, stderr: /time points is -c 3\n$/ });
    t.match(await user.type('next task hello'), { code: 0 });
    t.match(await user.type('next hello other'), { code: 2, stderr: /one task at a time/ });
  });

  await t.test('cancel (C-70)', async (t) => {
    const open = await center.scheduled('hello', now - 5000, { state: 'Running', startTime: now - 5000 });
    t.same(await user.type(`cancel run/${open.metadata.name}`), {
      code: 0,
      stdout: `run.cloudtask.dev/${open.metadata.name} cancel requested\n`,
      stderr: '',
    });
    t.match(await user.type(`cancel ${open.metadata.name}`), { code: 0 }, 'twice is once');
    const graced = async (grace: string) => (await user.type(`cancel ${open.metadata.name} --grace ${grace}`)).stdout;
    t.match(await graced('1m'), / unchanged\n$/, 'more than the task allows');
    t.match(await graced('2s'), / cancel requested\n$/);
    t.match(await graced('2000ms'), / cancel requested\n$/, 'twice is once');
    t.match(await graced('5s'), / unchanged\n$/);
    t.match((await user.type(`describe run ${open.metadata.name}`)).stdout, /\nCancel Grace Period: +2s\n/);
    t.match(await user.type(`cancel ${open.metadata.name} --grace soon`), { code: 2, stderr: /not a duration/ });
    t.match(await user.type(`cancel ${run.metadata.name}`), { code: 0, stdout: / unchanged \(Failed\)\n/ });
    t.match(await user.type('cancel'), { code: 2 });
    t.same(await user.type('cancel -f -', { input: `${BILLING}---\n${HELLO}` }), {
      ...{ code: 0, stderr: '' },
      stdout: `run.cloudtask.dev/${open.metadata.name} cancel requested\n`,
    });
    t.match(await user.type('cancel -f -', { input: OTHER }), { code: 0, stdout: '', stderr: 'No open runs found.\n' });
    t.match(await user.type('cancel -f -', { input: BILLING }), {
      code: 2,
      stderr: /the manifests name no Task: nothing was cancelled/,
    });
    t.match(await user.type('cancel task/hello'), { code: 2 });
  });

  await t.test('events', async (t) => {
    t.match(await user.type('events --for task/hello --types Warning'), {
      code: 0,
      stdout: /Warning +Failed +task\/hello/,
    });
    t.match(await user.type('events --for task/nope'), {
      code: 0,
      stdout: '',
      stderr: 'No events found in default namespace.\n',
    });
    t.match(await user.type('events --types Bad'), { code: 2 });
    const regarding = { kind: 'Agent', name: 'a1' };
    const lost = { reason: 'AgentOffline', message: 'a1 is gone', regarding, source: 'center', time: now } as const;
    await center.store.recordEvents([lost]);
    t.match(await user.type('events --for agent/a1'), { code: 0, stdout: /AgentOffline +agent\/a1 +a1 is gone/ });
  });

  await t.test('delete (C-18, C-19)', async (t) => {
    t.match(await user.type('delete task hello --dry-run=client'), {
      stdout: /deleted from default namespace \(dry run\)/,
    });
    t.same(await user.type('delete task hello'), {
      code: 0,
      stdout: 'task.cloudtask.dev "hello" deleted from default namespace\n',
      stderr: '',
    });
    t.match(await user.type('delete task hello'), { code: 5, stderr: 'tasks.cloudtask.dev "hello" not found' });
    t.same(await user.type('delete task/hello --ignore-not-found'), { code: 0, stdout: '', stderr: '' });
    t.match(await user.type('delete tasks'), { code: 2 });
    t.match(await user.type('delete tasks --all'), { code: 0, stderr: 'No resources found\n' });
    const no = await user.type('delete tasks --all -n billing', { tty: true, input: 'n\n' });
    t.match(no, {
      code: 0,
      stdout: '',
      stderr:
        /the following 1 resource\(s\):\ntask\.cloudtask\.dev\/other in billing namespace\n.*\(y\/N\): deletion is cancelled/s,
    });
    const yes = await user.type('delete tasks --all -n billing', { tty: true, input: 'y\n' });
    t.match(yes, { code: 0, stdout: 'task.cloudtask.dev "other" deleted from billing namespace\n' });
    t.same(await user.type('delete -f -', { input: BILLING }), {
      code: 0,
      stdout: 'namespace.cloudtask.dev "billing" deleted\n',
      stderr: '',
    });
  });
});

t.test('describe says who is told of what, and what there is to tell', async (t) => {
  const { center, user } = await startCliWorld(t);
  const input = `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ops, namespace: cloudtask-system}
spec: {webhook: {url: "https://hooks.example.com/x"}}
---
apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ops}
spec: {email: {host: mail.example.com, from: ct@example.com, to: [team@example.com]}}
---
apiVersion: cloudtask.dev/v1
kind: Cluster
metadata: {name: default}
spec:
  notify: [{notifier: ops, on: [NoAgents, ClockSuspect]}]
  notifyRuns:
  - {notifier: ops, on: [Late, LongerThan], longerThan: 30m, namespaces: [billing, shop]}
  - {notifier: ops, on: [Failed], after: 3, selector: {matchLabels: {team: fin}}}
---
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: default}
spec: {notify: [{notifier: ops, on: [Failed], to: [boss@example.com], subject: "[prod]"}]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: quiet}
spec: {run: {command: [/bin/true]}, notify: []}
`;
  t.match(await user.type('apply -f -', { input }), { code: 0 });
  await center.store.notifications.noteAlarms({
    raised: [
      {
        ...{ key: 'NoAgents/default', event: 'NoAgents', to: { cluster: 'default' }, subject: 'cluster default' },
        ...{ message: 'it has tasks, and no agent is registered', commands: ['ctask get agents', 'ctask get tasks'] },
        regarding: { kind: 'Cluster', name: 'default' },
      },
    ],
    over: [],
  });
  const described = (await user.type('describe cluster default')).stdout;
  const from = described.indexOf('Notify:');
  t.equal(
    described.slice(from, described.indexOf('Events:')).replace(/ {2}\d+s {2}/, '  1s  '),
    `Notify:
  Notifier  On
  ops       NoAgents,ClockSuspect
Notify Runs:
  Notifier  On               Late After  Longer Than  After       Namespaces    Selector
  ops       Late,LongerThan  1m          30m          <none>      billing,shop  <none>
  ops       Failed           <none>      <none>       3 failures  <none>        team=fin
Alarms:
  Event     About            Age  Message                                   See
  NoAgents  cluster default  1s   it has tasks, and no agent is registered  ctask get agents
`,
  );
  const { checks } = JSON.parse((await user.type('doctor -o json')).stdout) as { checks: { group: string }[] };
  t.match(
    checks.filter(({ group }) => group === 'Alarms'),
    [
      {
        ...{ name: 'NoAgents cluster default', verdict: 'warn', todo: 'look closer: "ctask get agents"' },
        message: /^for \d+s: it has tasks, and no agent is registered$/,
      },
    ],
    'the doctor tells it, too',
  );
  t.match(
    (await user.type('describe ns default')).stdout,
    /\nNotify:\n {2}Notifier {2}On {6}To {16}Subject\n {2}ops {7}Failed {2}boss@example\.com {2}\[prod\]\n/,
  );
  t.match((await user.type('describe task quiet')).stdout, /\nNotify: +<none>\n/, 'nobody, whatever others say');
});

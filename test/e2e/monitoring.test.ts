// examples/monitoring: the alerts, and a real Prometheus that reads a real installation by them and asks what the dashboard asks.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { metricTable } from '../../center/api/metrics/metric-table.js';
import type { Run } from '../../manifests/index.js';
import { repository, startUp, User } from '../support/ctask.js';
import { type Prometheus, promtool, requirePrometheus, startPrometheus } from '../support/prometheus.js';

const folder = join(repository, 'examples', 'monitoring');
const readText = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}
interface Rules {
  readonly groups: { readonly rules: Rule[] }[];
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: { readonly expr: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const rules = (): Rules => parse(readText('rules.yml')) as Rules;
const alerts = rules().groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readText('dashboard.json')) as Dashboard;

/** As Grafana fills them in. */
const filled = (expression: string) =>
  expression.replaceAll('$__rate_interval', '20s').replaceAll('$__range', '5m').replaceAll('$cluster', '.*');
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ title, expr: filled(expr) })),
);

/** Selectors of our metrics in an expression, with the values that they want of labels. */
const selectorsIn = (expression: string) =>
  [...expression.matchAll(/\bcloudtask_\w+(\{[^}]*\})?/g)].map(([selector]) => selector);
const nameOf = (selector: string) => selector.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');

t.test('alerts: promtool finds them well made, and each says what to do', async (t) => {
  for (const { alert, annotations, labels } of alerts) {
    t.match(labels.severity, /^(critical|warning)$/, alert);
    t.ok(annotations.summary.length > 10 && annotations.description.length > 20, alert);
    t.ok(annotations.runbook.length > 60, alert);
  }
  const names = new Set<string>(Object.keys(metricTable));
  const used = [...alerts.map(({ expr }) => expr), ...queries.map(({ expr }) => expr), readText('README.md')];
  for (const selector of used.flatMap(selectorsIn)) t.ok(names.has(nameOf(selector)), `${selector} is in the table`);
  if (!requirePrometheus(t)) return;
  t.match(promtool(['check', 'rules', join(folder, 'rules.yml')]), { code: 0, said: /SUCCESS: \d+ rules/ });
  t.match(promtool(['check', 'config', '--syntax-only', join(folder, 'prometheus.yml')]), { code: 0 });
  t.match(promtool(['test', 'rules', join(folder, 'rules-test.yml')]), { code: 0, said: /SUCCESS/ });
});

t.test('the tests of the alerts notice each alert that is not what it was', async (t) => {
  if (!requirePrometheus(t)) return;
  const { tests, ...head } = parse(readText('rules-test.yml')) as { tests: { name: string }[] };
  for (const rule of alerts) {
    const own = tests.filter(({ name }) => name.split(',')[0] === rule.alert);
    const dir = t.testdir({ 'rules-test.yml': stringify({ ...head, tests: own }) });
    const codeWith = (expr: string) => {
      writeFileSync(join(dir, 'rules.yml'), stringify({ groups: [{ name: 'one', rules: [{ ...rule, expr }] }] }));
      return promtool(['test', 'rules', join(dir, 'rules-test.yml')]).code;
    };
    t.equal(codeWith(rule.expr), 0, `${rule.alert} alone`);
    t.not(codeWith('vector(0) > 1'), 0, `${rule.alert} that never fires`);
    t.not(codeWith('vector(1)'), 0, `${rule.alert} that always fires`);
  }
});

t.test('dashboard: panels lie beside one another, within the grid', async (t) => {
  const cells = new Set<string>();
  for (const { title, gridPos } of dashboard.panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        if (cells.has(`${x} ${y}`)) t.fail(`${title} lies on another panel`);
        cells.add(`${x} ${y}`);
      }
    }
  }
  t.ok(queries.length > 30);
});

const MANIFESTS = `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ops, namespace: default}
spec:
  groupWait: 1s
  email: {host: 127.0.0.1, port: 1, tls: None, from: ct@example.com, to: [ops@example.com]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: quick, namespace: default, labels: {cloudtask.dev/metrics: "true"}}
spec: {schedules: [{every: 1s}], run: {command: [echo, hello]}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: fails, namespace: default, labels: {cloudtask.dev/metrics: "true"}}
spec: {schedules: [{every: 2s}], notify: [{notifier: ops}], run: {script: exit 3}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: homeless, namespace: default}
spec: {cluster: nowhere, schedules: [{every: 1h}], run: {command: [echo]}}
`;

/** The example's configuration, with the address and the token of this installation. */
function configure(dir: string, url: string, token: string): string {
  cpSync(folder, dir, { recursive: true });
  writeFileSync(join(dir, 'token'), token, { mode: 0o600 });
  const config = parse(readText('prometheus.yml')) as {
    global: Record<string, string>;
    scrape_configs: Record<string, unknown>[];
  };
  Object.assign(config.global, { scrape_interval: '1s', evaluation_interval: '1s' });
  const [job] = config.scrape_configs;
  delete job!.tls_config;
  Object.assign(job!, {
    scheme: 'http',
    authorization: { credentials_file: join(dir, 'token') },
    static_configs: [{ targets: [new URL(url).host] }],
  });
  const file = join(dir, 'prometheus.yml');
  writeFileSync(file, stringify(config));
  return file;
}

/** Asks until there is an answer: Prometheus tells nobody when it has scraped. */
async function answered(prometheus: Prometheus, expression: string, deadline: number): Promise<void> {
  while ((await prometheus.query(expression)).length === 0) {
    if (performance.now() > deadline) {
      throw new Error(`no data: ${expression}\n${JSON.stringify(await prometheus.targets())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

t.test('a real Prometheus reads a real installation', { timeout: 240_000 }, async (t: Test) => {
  if (!requirePrometheus(t)) return;
  const user = new User();
  t.teardown(() => user.go());
  user.env.CTASK_NOTIFY_ALLOW = '127.0.0.1';
  const up = await startUp(user);
  await user.ok(['apply', '-f', 'examples/monitoring/scraper.yaml', '-f', '-'], { input: MANIFESTS });
  const token = (await user.ok(['create', 'token', '--serviceaccount', 'prometheus', '--expires', '365d'])).trim();
  const ask = (path: string) => fetch(`${up.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  t.equal((await ask('/metrics')).status, 200);
  t.equal((await ask('/apis/cloudtask.dev/v1/namespaces/default/tasks')).status, 403, 'it may do nothing else');
  t.equal((await fetch(`${up.url}/metrics`)).status, 401);

  const prometheus = await startPrometheus(t, configure(t.testdir(), up.url, token));
  const deadline = performance.now() + 90_000;
  await answered(prometheus, 'sum(rate(cloudtask_agent_claims_total{outcome="won"}[20s])) > 0', deadline);
  await answered(prometheus, 'cloudtask_notifications{state="Pending"} > 0', deadline);
  for (const alert of ['CloudTaskRunsFail', 'CloudTaskTasksWithoutAgent']) {
    await answered(prometheus, `ALERTS{alertname="${alert}"}`, deadline);
  }
  t.match(await prometheus.targets(), [{ health: 'up', lastError: '', labels: { job: 'cloudtask' } }]);

  await t.test('every query of the dashboard has an answer', async (t) => {
    for (const { title, expr } of queries) {
      t.ok((await prometheus.query(expr)).length > 0, `${title}: ${expr}`);
    }
    for (const { expr } of dashboard.annotations.list) t.ok(Array.isArray(await prometheus.query(expr)), expr);
    for (const { name, definition } of dashboard.templating.list) {
      if (definition === undefined) continue;
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition)!;
      t.ok((await prometheus.query(`group by (${label}) (${metric})`)).length > 0, name);
    }
  });

  await t.test('every alert reads series that are there, and those fire that should', async (t) => {
    for (const { alert, expr } of alerts) {
      t.ok(Array.isArray(await prometheus.query(expr)), alert);
      for (const selector of selectorsIn(expr)) t.ok((await prometheus.query(selector)).length > 0, selector);
    }
    const now = await prometheus.alerts();
    t.match(now, { CloudTaskRunsFail: 'pending', CloudTaskTasksWithoutAgent: 'pending' });
    for (const { alert, labels } of alerts) if (labels.severity === 'critical') t.notOk(alert in now, alert);
  });

  await t.test('figures are those of the installation', async (t) => {
    const value = async (expression: string) => Number((await prometheus.query(expression))[0]?.value[1]);
    t.equal(await value('sum(cloudtask_leader)'), 1);
    t.equal(await value('sum(cloudtask_tasks)'), 3);
    t.equal(await value('cloudtask_agent_ready'), 1);
    t.equal(await value('cloudtask_zookeeper_connected'), 1);
    t.ok((await value('cloudtask_task_runs_finished_total{task="quick", result="Succeeded"}')) >= 5);
    t.ok((await value('cloudtask_task_runs_finished_total{task="fails", result="Failed"}')) >= 3);
    t.ok((await value('time() - cloudtask_task_last_success_timestamp_seconds{task="quick"}')) < 30);
    t.equal(await value('absent(cloudtask_task_last_success_timestamp_seconds{task="fails"})'), 1);
  });

  await t.test('every line of the runbooks is one that ctask understands', async (t) => {
    const [run] = (await user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'status.state=Failed'])).items;
    const [agent] = (await user.json<{ items: Run[] }>(['get', 'agents'])).items;
    const lines = alerts.flatMap(({ annotations }) =>
      [...annotations.runbook.matchAll(/`ctask ([^`]+)`/g)].map(([, line]) =>
        line!
          .replaceAll('{{ $labels.agent }}', agent!.metadata.name)
          .replaceAll('{{ $labels.notifier }}', 'ops')
          .replaceAll('{{ $labels.namespace }}', 'default')
          .replaceAll('{{ $labels.result }}', 'Lost')
          .replace(/\bTASK\b/, 'fails')
          .replace(/\bRUN\b/, run!.metadata.name)
          .replace(/^(backfill \S+)$/, '$1 --from 2026-01-01T00:00:00Z --to 2026-01-01T00:00:10Z --dry-run')
          .replace(/^(delete .*)$/, '$1 --dry-run=server'),
      ),
    );
    t.ok(lines.length > 10);
    for (const line of new Set(lines)) {
      const { code, stderr } = await user.ctask(line.split(' '));
      // Of the notifier whose server is away the test says so, and that is its answer.
      t.ok(code === 0 || line.startsWith('notifier test'), `ctask ${line}: ${code} ${stderr}`);
    }
  });
  t.equal((await up.end('SIGINT')).code, 0);
});

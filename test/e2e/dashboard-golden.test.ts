// What the texts of the dashboard look like, as files (test/golden/ui): those of a real center, at a fixed time, in three sizes.
import t from 'tap';
import { createDeps } from '../../cli/create-deps.js';
import { runDashboard } from '../../cli/dashboard/main.js';
import { SIZES } from '../support/dashboard-lines.js';
import { TestTerminal } from '../support/dashboard-terminal.js';
import { hostOf } from '../support/dashboard-world.js';
import { golden } from '../support/golden.js';
import { NOW, openGoldenWorld } from '../support/golden-world.js';

const OUTPUT = [
  'reading 1,204 accounts of ledger eu\n',
  '\u001b[32mok\u001b[0m\tall of them are balanced\n',
  'a line that is longer than any of these windows is wide, with words in it and with one that is not to be broken: ',
  'https://example.com/reports/2026/11/22/nightly-report-of-all-accounts.html\n',
];

t.test('texts, logs and their searches, as read (T-32)', async (t) => {
  const { center, user, clock, report, plain } = await openGoldenWorld(t);
  await center.output(report, OUTPUT.join(''), { time: NOW - 9 * 3_600_000 });
  await center.output(report, 'rate of 2 currencies is older than a day\n', {
    ...{ stream: 'stderr', time: NOW - 9 * 3_600_000 + 1_500, end: true },
  });
  const deps = createDeps(hostOf(user.home, {}, [], clock));
  deps.globals = { namespace: 'billing' };
  const terminal = new TestTerminal({ columns: 120, rows: 40 });
  void runDashboard(deps, terminal.session, { readOnly: false });
  t.teardown(() => {
    if (!t.passing()) t.comment(terminal.text());
    deps.close();
    terminal.end();
  });
  const shows = (...parts: readonly string[]) => terminal.until((text) => parts.every((part) => text.includes(part)));
  /** Presses keys, waits for what they lead to, and keeps it in each size; then back. */
  const page = async (name: string, keys: readonly string[], parts: readonly string[], back = ['esc']) => {
    await terminal.press(...keys);
    await shows(...parts);
    for (const { width, height } of SIZES) {
      await terminal.resize(width, height);
      golden(t, `ui/${name}-${width}x${height}.txt`, plain(terminal.text()).replace(/ +$/gm, ''));
    }
    await terminal.resize(120, 40);
    await terminal.press(...back);
  };
  await shows('Tasks(billing)[3]', 'nightly-report');
  // Its port is another one each time.
  await terminal.press('ctrl-e');
  await page('describe', ['d'], ['Describe(billing/nightly-report) task', 'Conditions:']);
  await page('why', ['w'], ['Why(billing/nightly-report) task', 'Agents:']);
  await page('revisions', ['h'], ['Revisions(billing/nightly-report)[2]'], []);
  await page('diff', ['enter'], ['Diff(billing/nightly-report) revision 1 to 2', 'timeout: 1h'], ['esc', 'esc']);
  await terminal.press('enter');
  await shows('Runs(billing/nightly-report)[1]', 'Succeeded');
  await page('describe-run', ['d'], ['Describe(billing/nightly-report-', 'Attempts:']);
  await page('log', ['l'], ['Logs(billing/nightly-report-', 'older than a day', 'ended: Succeeded'], []);
  await page('log-times', ['t'], ['Timestamps:On', '2026-11-22T03:00:01.500Z'], []);
  await page('log-wrapped', ['w'], ['Wrap:On', 'accounts.html'], []);
  await page('log-nothing-since', ['2'], ['last 1m', 'no output in the last 1m', 'ended: Succeeded'], []);
  await page('log-help', ['?'], ['Help(logs)'], ['?', '0']);
  await shows('older than a day');
  await terminal.press('shift-s', 'o', 'l', 'd', 'e', 'r', 'enter');
  await page('log-found', [], ['Search(billing/nightly-report-', ')[1/1] ', 'balanced'], []);
  await page('log-found-help', ['?'], ['Help(search)']);
});

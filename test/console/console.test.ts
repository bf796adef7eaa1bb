// The web console as people use it: a real browser, a real center, a real agent.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { Agent, Run, Task } from '../../manifests/index.js';
import { repository } from '../support/ctask.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const FIRST_LOAD_MAX_BYTES = 300_000;

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: billing}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: nightly-report, namespace: billing, labels: {team: fin}}
spec:
  timeZone: Europe/Berlin
  schedules: [{cron: "0 2 * * MON-FRI"}]
  run: {command: ["/bin/sh", "-c", "printf '\\\\033[32mgreen\\\\033[0m line\\\\n'; echo needle; echo plain"]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: long-talk, namespace: default}
spec:
  run: {command: ["/bin/sh", "-c", "seq 1 60000"]}
`;

t.test('the first load is small', async (t) => {
  const directory = join(repository, 'dist', 'console');
  const index = readFileSync(join(directory, 'index.html'), 'utf8');
  const files = [...index.matchAll(/(?:src|href)="\/console\/([^"]+\.(?:js|css))"/g)].map(([, file]) => file!);
  t.ok(files.length >= 2, 'a script and a style');
  const bytes = files.map((file) => gzipSync(readFileSync(join(directory, file))).length);
  const sum = bytes.reduce((total, each) => total + each, 0);
  t.ok(sum < FIRST_LOAD_MAX_BYTES, `${sum} bytes with gzip`);
  t.notMatch(index, /<style|<script(?! type="module" crossorigin src)| style=/, 'nothing is written into the page');
  t.ok(readdirSync(join(directory, 'assets')).length > files.length, 'what few pages need is not in it');
});

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: TASKS });

  await t.test('who has no session signs in, and signs out', async (t) => {
    const someone = await visitor(world);
    const { page } = someone;
    await someone.go('/tasks/billing/nightly-report');
    await page.getByRole('button', { name: 'Sign in with a token' }).click();
    await page.getByLabel('Token').fill('ct_wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('This token is not valid.').waitFor();
    await page.getByLabel('Token').fill(world.token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'nightly-report', level: 1 }).waitFor();
    t.match(page.url(), /tasks\/billing\/nightly-report/, 'where they wanted to go');
    t.notMatch(await page.evaluate('document.cookie'), /ctask/, 'no script reads the session');
    await page.reload();
    await page.getByRole('heading', { name: 'nightly-report', level: 1 }).waitFor();
    await page.route('**/auth/logout', (route) => route.abort());
    await page.getByRole('button', { name: /Sign out/ }).click();
    await page.getByText('You are still signed in').waitFor();
    await page.unroute('**/auth/logout');
    await page.getByRole('button', { name: /Sign out/ }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    t.same(someone.complaints, ['Failed to load resource: net::ERR_FAILED'], 'of the sign-out that failed alone');
    await someone.context.close();
  });

  const someone = await visitor(world);
  const { page } = someone;
  await signIn(someone, world.token);

  await t.test('a list is live, and its filters are in its address', async (t) => {
    await page.getByRole('link', { name: 'Tasks', exact: true }).click();
    await page.getByRole('link', { name: 'nightly-report' }).waitFor();
    await page.getByText('At 02:00 on Monday to Friday (Europe/Berlin)').waitFor();
    await world.user.ok(['create', 'task', 'newcomer', '--schedule', '@daily', '--', 'date']);
    await page.getByRole('link', { name: 'newcomer' }).waitFor();
    await world.user.ok(['delete', 'task', 'newcomer']);
    await page.getByRole('link', { name: 'newcomer' }).waitFor({ state: 'detached' });
    await page.getByLabel('Search by name').fill('report');
    await page.getByRole('link', { name: 'long-talk' }).waitFor({ state: 'detached' });
    await page.waitForURL(/q=report/);
    await page.reload();
    await page.getByRole('link', { name: 'nightly-report' }).waitFor();
    t.equal(await page.getByRole('row').count(), 2, 'head and one task');
    await someone.go('/tasks?q=nothing&state=Running');
    await page.getByRole('heading', { name: 'No task is like that' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('link', { name: 'nightly-report' }).waitFor();
    t.notMatch(page.url(), /q=|state=/);
  });

  await t.test('a task tells when it fires, and does what it is asked', async (t) => {
    await someone.go('/tasks/billing/nightly-report');
    const next = page.getByRole('region', { name: 'Next runs' });
    await next.getByRole('columnheader', { name: 'Europe/Berlin' }).waitFor();
    t.same(await next.getByRole('columnheader').allTextContents(), ['Europe/Berlin', 'Asia/Tokyo (here)', 'UTC']);
    const first = await next.getByRole('row').nth(1).getByRole('cell').allTextContents();
    t.match(first[0], /^(Mon|Tue|Wed|Thu|Fri) .*, 02:00:00/);
    t.equal(new Set(first).size, 3, 'three zones');
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await page.getByText('ctask suspend nightly-report -n billing').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    t.equal((await world.user.json<Task>(['get', 'task', 'nightly-report', '-n', 'billing'])).spec.suspend, true);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByText('ctask run nightly-report -n billing').waitFor();
    await page
      .getByRole('list', { name: /Latest runs/ })
      .getByRole('link', { name: /^Succeeded/ })
      .waitFor();
  });

  await t.test('a run shows its output in its colours, and it can be searched', async (t) => {
    await page
      .getByRole('list', { name: /Latest runs/ })
      .getByRole('link', { name: /^Succeeded/ })
      .click();
    const log = page.getByRole('log');
    await log.getByText('plain').waitFor();
    t.ok(await log.locator('.ansi-green', { hasText: 'green' }).isVisible());
    await page.getByLabel('Search the log').fill('needle');
    await page.getByText('1 line', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('1 of 1 line').waitFor();
    t.equal(await log.locator('.log-line.current').textContent(), '2needle');
    const wrap = page.getByRole('button', { name: 'Wrap lines' });
    t.equal(await wrap.getAttribute('aria-pressed'), 'false', 'there is room');
    await wrap.click();
    await page.locator('.log-lines.wrapped').waitFor();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the log' }).click();
    t.match(readFileSync(await (await downloaded).path(), 'utf8'), /green.* line\nneedle\nplain\n/);
    await page.getByRole('button', { name: 'Copy the log' }).click();
    t.equal(await page.evaluate('navigator.clipboard.readText()'), 'green line\nneedle\nplain\n');
  });

  await t.test('of a long output only what is in sight is drawn', async (t) => {
    await world.user.ok(['run', 'long-talk', '--wait']);
    const { items } = await world.user.json<{ items: Run[] }>([
      'get',
      'runs',
      '-l',
      '',
      '--field-selector',
      'spec.task=long-talk',
    ]);
    await someone.go(`/runs/default/${items[0]!.metadata.name}`);
    await page.getByRole('log').getByText('60000').waitFor();
    await page.getByRole('button', { name: 'Start of the log' }).click();
    await page.locator('.log-line', { hasText: /^11$/ }).waitFor();
    t.ok((await page.locator('.log-line').count()) < 200);
  });

  await t.test('what cannot be undone is asked about, with the keyboard alone', async (t) => {
    await someone.go('/tasks/default/long-talk');
    const start = page.getByRole('button', { name: 'Delete' });
    await start.focus();
    await start.and(page.locator(':not([aria-disabled])')).waitFor(); // the center has said what may be done
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete task long-talk?' });
    await dialog.getByText('ctask delete task long-talk -n default').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    t.equal((await world.user.json<Task>(['get', 'task', 'long-talk'])).metadata.name, 'long-talk');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Delete' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'There is no task long-talk in default' }).waitFor();
    t.match((await world.user.ctask(['get', 'task', 'long-talk'])).stderr, /not found/);
  });

  await t.test('a form writes the YAML of a new task, and the center judges it', async (t) => {
    await someone.go('/new');
    const editor = page.getByRole('textbox', { name: 'Manifest' });
    await page.getByText('The center accepts this').waitFor();
    const places = page.getByRole('navigation', { name: 'Places' });
    t.equal(await places.locator('[aria-current]').innerText(), 'Tasks', 'the menu says where one is');
    await page.getByLabel('Cron').fill('61 * * * *');
    await page.getByText(/spec\.schedules\[0\]\.cron: /).waitFor();
    t.ok(await page.getByRole('button', { name: 'Create' }).isDisabled(), 'what is refused cannot be sent');
    await page.getByLabel('Name', { exact: true }).fill('from-form');
    await page.getByLabel('Cron').fill('*/5 * * * *');
    await page.getByText('every 5 minutes').waitFor();
    await editor.getByText('from-form').waitFor();
    await page.getByText('ctask create -f from-form.yaml').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'from-form', level: 1 }).waitFor();
    const task = await world.user.json<Task>(['get', 'task', 'from-form']);
    t.match(task.spec, { timeZone: 'Asia/Tokyo', schedules: [{ cron: '*/5 * * * *' }], run: { script: 'echo hello' } });
  });

  await t.test('a manifest is edited where it stands, compared and saved', async (t) => {
    await someone.go('/tasks/default/from-form/manifest');
    const editor = page.getByRole('textbox', { name: 'Manifest of from-form' });
    await editor.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n  concurrencyPolicy: Sometimes');
    await page
      .getByText(/concurrencyPolicy/)
      .first()
      .waitFor();
    await page.locator('.verdict .problem').waitFor();
    t.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
    await page.getByRole('button', { name: 'Discard' }).click();
    await editor.getByText('Sometimes').waitFor({ state: 'detached' });
    // Whoever types while the page is busy loses no key.
    const devtools = await someone.context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 8 });
    await editor.click();
    await page.keyboard.press('Control+End');
    const typed = '# whoever types fast is further than the page that draws what was typed before';
    await page.keyboard.type(typed);
    await editor.getByText(typed, { exact: true }).waitFor();
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await page.getByRole('button', { name: 'Discard' }).click();
    await editor.getByText(typed).waitFor({ state: 'detached' });
    await editor.getByText('cron:').click();
    await page.keyboard.press('End');
    for (let i = 0; i < '*/5 * * * *'.length + 2; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type('"*/7 * * * *"');
    await page.getByRole('button', { name: 'Changes' }).click();
    await page.locator('.cm-deletedChunk', { hasText: '*/5' }).waitFor();
    await page.getByText('The center accepts this').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('from-form is saved').waitFor();
    const task = await world.user.json<Task>(['get', 'task', 'from-form']);
    t.match(task.spec.schedules, [{ cron: '*/7 * * * *' }]);
    const { metadata } = await world.user.json<Task>(['get', 'task', 'from-form', '--show-managed-fields']);
    t.same(
      metadata.managedFields?.map(({ manager }) => manager),
      ['ctask-console'],
    );
  });

  await t.test('a task goes back to what it was, and is cloned', async (t) => {
    await someone.go('/tasks/default/from-form/revisions');
    await page.getByRole('button', { name: 'Go back to it' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('ctask rollout undo task/from-form --to-revision 1 -n default').waitFor();
    await dialog.getByRole('button', { name: 'Go back to it' }).click();
    await page.getByRole('row', { name: /^3 current/ }).waitFor();
    const task = await world.user.json<Task>(['get', 'task', 'from-form']);
    t.match(task.spec.schedules, [{ cron: '*/5 * * * *' }]);
    await page.getByRole('link', { name: 'Clone' }).click();
    await page.getByRole('textbox', { name: 'Manifest' }).getByText('from-form-copy').waitFor();
    await page.getByText('The center accepts this').waitFor();
  });

  await t.test('the audit says who did it', async () => {
    await someone.go('/audit?verb=undo');
    await page
      .getByRole('row', { name: /admin undo task\/from-form/ })
      .first()
      .waitFor();
    await page.getByText('ctask audit writes --verb undo').waitFor();
  });

  await t.test('who has a password that somebody else chose chooses one, then may do what the roles say', async (t) => {
    const headers = { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' };
    const group = `${world.url}/apis/cloudtask.dev/v1`;
    const user = { apiVersion: 'cloudtask.dev/v1', kind: 'User', metadata: { name: 'ann' }, spec: {} };
    const password = { password: 'chosen by another one' };
    const made = await fetch(`${group}/users`, { method: 'POST', headers, body: JSON.stringify(user) });
    t.equal(made.status, 201);
    const set = await fetch(`${group}/users/ann/password`, { method: 'PUT', headers, body: JSON.stringify(password) });
    t.ok(set.ok);
    await someone.go('/access');
    await page.getByRole('row', { name: /^ann Enabled/ }).waitFor();
    const ann = await visitor(world);
    await ann.go('/tasks');
    await ann.page.getByLabel('User').fill('ann');
    await ann.page.getByLabel('Password').fill(password.password);
    await ann.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await ann.page.getByLabel('Current password').fill(password.password);
    await ann.page.getByLabel('New password', { exact: true }).fill('a long one of her own');
    await ann.page.getByLabel('New password, again').fill('a long one of her own');
    await ann.page.getByRole('button', { name: 'Change password' }).click();
    await ann.page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor();
    await ann.page
      .getByRole('alert')
      .getByText(/may not/)
      .waitFor();
    await ann.context.close();
  });

  await t.test('an agent is cordoned, and shows what it owns', async (t) => {
    await someone.go('/agents');
    const { items } = await world.user.json<{ items: Agent[] }>(['get', 'agents']);
    const { name } = items[0]!.metadata;
    await page.getByRole('link', { name }).click();
    await page.getByRole('region', { name: 'Allocation' }).getByRole('link', { name: 'nightly-report' }).waitFor();
    await page.getByRole('button', { name: 'Cordon' }).click();
    await page.getByText(`ctask cordon ${name}`).waitFor();
    await page.getByText('Cordoned', { exact: true }).waitFor();
    t.equal(await page.getByText('Cordoned', { exact: true }).getAttribute('title'), 'SchedulingDisabled');
    t.equal((await world.user.json<Agent>(['get', 'agent', name])).spec.unschedulable, true);
    await page.getByRole('button', { name: 'Uncordon' }).click();
    await page.getByText('Cordoned', { exact: true }).waitFor({ state: 'detached' });
  });

  await t.test('the overview says first what needs a look, and what is due', async (t) => {
    const broken = (code: number) => ({
      input: `{apiVersion: cloudtask.dev/v1, kind: Task, metadata: {name: broken}, spec: {run: {command: [/bin/sh, -c, exit ${code}]}}}`,
    });
    await world.user.ok(['apply', '-f', '-'], broken(3));
    t.not((await world.user.ctask(['run', 'broken', '--wait'])).code, 0);
    await someone.go('/');
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByRole('link', { name: 'broken' }).waitFor();
    const failures = page.getByRole('region', { name: 'Failures' });
    await failures.getByRole('link', { name: 'broken' }).waitFor();
    await page.getByRole('region', { name: 'Next' }).getByRole('link', { name: 'nightly-report' }).waitFor();
    await failures.getByRole('link', { name: 'All' }).click();
    await page.getByRole('row', { name: /^broken.* Failed/ }).waitFor();
    t.equal(await page.getByRole('row', { name: /Succeeded/ }).count(), 0, 'what went wrong, and nothing else');
    await someone.go('/');
    await world.user.ok(['apply', '-f', '-'], broken(0));
    await world.user.ok(['run', 'broken', '--wait']);
    await health.getByRole('link', { name: 'broken' }).waitFor({ state: 'detached' });
  });

  await t.test('every page fits narrow screens, in both themes', async (t) => {
    const run = (await world.user.json<{ items: Run[] }>(['get', 'runs', '-n', 'billing'])).items[0]!;
    const paths = [
      ...[
        '/',
        '/tasks',
        '/new',
        '/runs',
        '/agents',
        '/clusters',
        '/clusters/default',
        '/packages',
        '/events',
        '/access',
        '/access/roles',
        '/audit',
      ],
      ...['', '/runs', '/manifest', '/revisions', '/events'].map((tab) => `/tasks/billing/nightly-report${tab}`),
      `/runs/billing/${run.metadata.name}`,
    ];
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        const guest = await visitor(world, { theme, width });
        await signIn(guest, world.token);
        for (const path of paths) {
          await guest.go(path);
          await guest.page.getByRole('heading', { level: 1 }).waitFor();
          await guest.page.waitForSelector('.loading', { state: 'detached' });
          const beyond = await guest.page.evaluate('document.documentElement.scrollWidth - innerWidth');
          t.ok((beyond as number) <= 0, `${path} at ${width}, ${theme}`);
        }
        t.same(guest.complaints, []);
        await guest.context.close();
      }
    }
  });

  t.same(someone.complaints, [], 'no error, nothing the policy forbids, nobody else asked');
});

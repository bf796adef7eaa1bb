// Notifiers in a real browser, before a real mail server: made by the form, tried, named, and what each may there.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Cluster, Namespace, Notifier, Task } from '../../manifests/index.js';
import { startMailServer } from '../support/smtp.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const OBJECTS = `
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: breaks, namespace: shop}
spec:
  run: {script: "echo no stock; exit 7"}
---
apiVersion: cloudtask.dev/v1
kind: User
metadata: {name: ann}
---
apiVersion: cloudtask.dev/v1
kind: RoleBinding
metadata: {name: ann, namespace: shop}
spec: {role: viewer, subjects: [{kind: User, name: ann}]}
`;

const API = '/apis/cloudtask.dev/v1/namespaces/shop';

/** What the page itself gets, with the session of whoever is signed in there. */
function ask(page: Page, method: string, path: string): Promise<number> {
  return page.evaluate(
    async ([url, how]) => {
      const headers = { 'content-type': 'application/json', 'x-ctask-console': '1' };
      return (await fetch(url, { method: how, headers, ...(how === 'GET' ? {} : { body: '{}' }) })).status;
    },
    [`${API}${path}`, method] as const,
  );
}

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const signal = AbortSignal.timeout(280_000);
  const mail = await startMailServer(t);
  const world = await startConsoleWorld(t, { CTASK_NOTIFY_ALLOW: '127.0.0.1' });
  const { user } = world;
  await user.ok(['apply', '-f', '-'], { input: OBJECTS });
  const admin = await visitor(world);
  const { page } = admin;
  await signIn(admin, world.token);
  const notes = page.getByRole('region', { name: 'Latest notifications' });

  await t.test('a form makes a notifier, and the center judges what is typed', async (t) => {
    await admin.go('/notifiers');
    await page.getByRole('link', { name: 'New notifier' }).click();
    const form = page.getByRole('form', { name: 'Fields' });
    await form.getByLabel('Name', { exact: true }).fill('crew');
    await form.getByLabel('Namespace', { exact: true }).selectOption('shop');
    await form.getByLabel('Mail server', { exact: true }).fill('127.0.0.1');
    await form.getByLabel('From', { exact: true }).fill('nobody');
    await page.locator('.verdict .problem', { hasText: 'spec.email.from' }).waitFor();
    t.equal(await form.getByLabel('From', { exact: true }).getAttribute('aria-invalid'), 'true');
    t.ok(await page.getByRole('button', { name: 'Create' }).isDisabled());
    await form.getByLabel('From', { exact: true }).fill('CloudTask <ct@example.com>');
    await form.getByLabel('Port', { exact: true }).fill(String(mail.port));
    await form.getByLabel('Encryption', { exact: true }).selectOption('None');
    await form.getByRole('button', { name: 'Take ops@example.com away' }).click();
    await form.getByLabel('To', { exact: true }).fill('crew@example.com');
    await form.getByLabel('To', { exact: true }).press('Enter');
    await page.getByText('The center accepts this').waitFor();
    await page.getByText('ctask create -f crew.yaml').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'crew', level: 1 }).waitFor();
    const { spec } = await user.json<Notifier>(['get', 'notifier', 'crew', '-n', 'shop']);
    t.match(spec.email, { host: '127.0.0.1', port: mail.port, tls: 'None', to: ['crew@example.com'] });
    await page.getByText('Nothing yet: a task, its namespace or a cluster names it').waitFor();
  });

  await t.test('a test arrives, and the page says so', async (t) => {
    await page.getByRole('button', { name: 'Send a test' }).click();
    const [first] = await mail.received(1, signal);
    t.match(first, { to: ['crew@example.com'], headers: { subject: /^\[CloudTask\] Test/ } });
    await page.getByText('The test was sent to crew@example.com').waitFor();
    await page.getByText('ctask notifier test crew -n shop').waitFor();
    await notes.getByRole('row', { name: /^Test the notifier itself .* Sent/ }).waitFor();
    await page.getByRole('region', { name: 'Delivery' }).getByText('Sent last').waitFor();
  });

  await t.test('and so it does, with the reason, when it does not', async () => {
    await mail.stop();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/The test was not sent .*ECONNREFUSED/).waitFor();
    await page.locator('.page-head').getByText('Failing').waitFor();
    await page.getByRole('link', { name: 'Events' }).nth(1).click();
    await page.getByText('NotificationFailed').waitFor();
    await admin.go('/');
    await page.getByRole('region', { name: 'Health' }).getByText('crew cannot send').waitFor();
    await page.getByRole('link', { name: 'crew' }).click();
    await mail.start();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test was sent to crew@example.com').waitFor();
    await page.locator('.page-head').getByText('Ready').waitFor();
  });

  await t.test('a task is told of by its own word, or by that of its namespace', async (t) => {
    await admin.go('/tasks/shop/breaks/notifications');
    const told = page.getByRole('region', { name: 'Who is told' });
    await told
      .getByText('Nobody: neither the task, its namespace shop nor its cluster default names a notifier')
      .waitFor();
    await told.getByRole('button', { name: 'Change it for all of shop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Who is told of shop' });
    await dialog.getByLabel('Told are').selectOption('These, unless a task says otherwise');
    for (const event of ['Failed', 'Recovered', 'Missed', 'Lost']) await dialog.getByLabel(event).uncheck();
    await dialog.getByText('Choose at least one').waitFor();
    t.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled());
    for (const event of ['Failed', 'Succeeded', 'Recovered', 'Missed', 'Lost']) await dialog.getByLabel(event).check();
    await dialog.getByText('ctask patch namespace shop --type merge -p').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await told.getByText('By word of the namespace shop').waitFor();
    const { spec: space } = await user.json<Namespace>(['get', 'namespace', 'shop']);
    t.match(space.notify, [{ notifier: 'crew', on: ['Failed', 'Succeeded', 'Recovered', 'Missed', 'Lost'] }]);

    await told.getByRole('button', { name: 'Change who is told of breaks' }).click();
    const own = page.getByRole('dialog', { name: 'Who is told of breaks' });
    await own.getByLabel('Told are').selectOption('These');
    await own.getByText('More').click();
    await own.getByLabel('To', { exact: true }).fill('not an address');
    await own.getByLabel('To', { exact: true }).press('Enter');
    await own.getByRole('button', { name: 'Save' }).click();
    await own.locator('.problem').first().waitFor();
    await own.getByRole('button', { name: 'Take not an address away' }).click();
    await own.getByLabel('To', { exact: true }).fill('boss@example.com');
    await own.getByLabel('To', { exact: true }).press('Enter');
    await own.getByRole('button', { name: 'Save' }).click();
    await told.getByText('The task says so itself').waitFor();
    await told.getByText('Mail to boss@example.com').waitFor();
    const task = await user.json<Task>(['get', 'task', 'breaks', '-n', 'shop']);
    t.match(task.spec.notify, [{ notifier: 'crew', to: ['boss@example.com'] }]);

    await page.getByRole('button', { name: 'Run now' }).click();
    await notes.getByRole('row', { name: /^Failed .* crew to boss@example.com .* Waiting/ }).waitFor();
    await told.getByRole('link', { name: 'crew' }).click();
    await page.getByRole('region', { name: 'Named by' }).getByRole('link', { name: 'breaks' }).waitFor();
  });

  await t.test('or by that of the cluster, as far as it is about the task', async (t) => {
    const system = { name: 'all', namespace: 'cloudtask-system' };
    const spec = { webhook: { url: 'https://hooks.invalid' }, quiet: [{ from: '22:00', to: '07:00' }] };
    const notifier = { apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: system, spec };
    const object = (kind: string, name: string, rest: object) =>
      ({ apiVersion: 'cloudtask.dev/v1', kind, metadata: { name, ...rest } }) as const;
    const task = { ...object('Task', 'plain', { namespace: 'lab', labels: { team: 'web' } }) };
    const objects = [notifier, object('Namespace', 'lab', {}), { ...task, spec: { run: { script: 'true' } } }];
    await user.ok(['apply', '-f', '-'], { input: objects.map((one) => JSON.stringify(one)).join('\n---\n') });
    const notifyRuns = [
      { notifier: 'all', on: ['Lost'], selector: { matchLabels: { team: 'fin' } } },
      { notifier: 'all', on: ['Late'], namespaces: ['lab'], flapping: { changes: 0 } },
    ];
    const patch = JSON.stringify({ spec: { notifyRuns } });
    await user.ok(['patch', 'cluster', 'default', '--type', 'merge', '-p', patch]);
    await admin.go('/tasks/lab/plain/notifications');
    const told = page.getByRole('region', { name: 'Who is told' });
    await told.getByText('By word of the cluster default').waitFor();
    await told.getByText('Only in: lab').waitFor();
    await told.getByText('Flapping: each change is told').waitFor();
    t.same(await told.locator('.tag').allTextContents(), ['Late'], 'what is about other tasks is not there');

    await told.getByRole('button', { name: 'Change it for all of lab' }).click();
    const dialog = page.getByRole('dialog', { name: 'Who is told of lab' });
    await dialog.getByLabel('Told are').selectOption('Nobody, unless a task says otherwise');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await told.getByText('Nobody: the namespace lab says so').waitFor();
    t.same((await user.json<Namespace>(['get', 'namespace', 'lab'])).spec.notify, []);

    await admin.go('/clusters/default');
    const runs = page.getByRole('region', { name: 'Who is told of its tasks' });
    await runs.getByText('Only of tasks with: team=fin').waitFor();
    await runs.getByRole('button', { name: 'Change who is told of tasks of default' }).click();
    const own = page.getByRole('dialog', { name: 'Who is told of tasks of default' });
    await own.getByRole('button', { name: 'Take away all' }).last().click();
    await own.getByRole('button', { name: 'Save' }).click();
    await runs.getByText('Only in: lab').waitFor({ state: 'detached' });
    const { spec: kept } = await user.json<Cluster>(['get', 'cluster', 'default']);
    t.match(kept.notifyRuns, [{ selector: { matchLabels: { team: 'fin' } } }], 'a form keeps what it does not show');
    await runs.getByRole('link', { name: 'all' }).first().click();
    await page.getByRole('region', { name: 'Named by' }).getByRole('link', { name: 'default' }).waitFor();
    await page.getByText('22:00 to 07:00 (UTC)').waitFor();
  });

  await t.test('what somebody else has changed meanwhile is not lost', async (t) => {
    await admin.go('/tasks/shop/breaks/notifications');
    await page.getByRole('button', { name: 'Change who is told of breaks' }).click();
    const dialog = page.getByRole('dialog', { name: 'Who is told of breaks' });
    await dialog.getByLabel('Told are').selectOption('Nobody');
    const patch = JSON.stringify({ spec: { notify: [{ notifier: 'crew', on: ['Lost'] }] } });
    await user.ok(['patch', 'task', 'breaks', '-n', 'shop', '--type', 'merge', '-p', patch]);
    await page.getByText('Mail to boss@example.com').waitFor({ state: 'detached' }); // the page behind it knows
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('somebody else has changed this meanwhile').waitFor();
    const task = await user.json<Task>(['get', 'task', 'breaks', '-n', 'shop']);
    t.match(task.spec.notify, [{ notifier: 'crew', on: ['Lost'] }]);
    t.equal(task.spec.notify?.length, 1);
    await page.keyboard.press('Escape');
  });

  await t.test('a manifest is edited as fields and as text; a URL is told only by where it leads', async (t) => {
    const url = 'https://hooks.invalid/services/very-secret';
    const hook = { apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'hook', namespace: 'shop' } };
    await user.ok(['apply', '-f', '-'], { input: JSON.stringify({ ...hook, spec: { webhook: { url } } }) });
    await admin.go('/notifiers/shop/hook');
    await page.getByRole('region', { name: 'Webhook' }).getByText('hooks.invalid').waitFor();
    t.notMatch(await page.content(), 'very-secret');
    await admin.go('/notifiers');
    await page.getByRole('row', { name: /^hook shop Ready Webhook hooks.invalid/ }).waitFor();
    t.notMatch(await page.content(), 'very-secret');
    await admin.go('/notifiers/shop/crew/manifest');
    const form = page.getByRole('form', { name: 'Fields' });
    await form.getByLabel('Description', { exact: true }).fill('Who is on duty');
    await page.getByText('The center accepts this').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('crew is saved').waitFor();
    const { spec } = await user.json<Notifier>(['get', 'notifier', 'crew', '-n', 'shop']);
    t.equal(spec.description, 'Who is on duty');
  });

  await t.test('keys and the palette lead there', async () => {
    await admin.go('/');
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'Notifiers', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command, page or task' }).fill('new notif');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New notifier', level: 1 }).waitFor();
  });

  await t.test('a viewer sees why not, and the API says the same', async (t) => {
    const token = (await user.ok(['create', 'token', '--user', 'ann'])).trim().split(/\s+/).at(-1)!;
    const ann = await visitor(world, { width: 390 });
    await signIn(ann, token);
    await ann.go('/notifiers/shop/crew');
    const test = ann.page.getByRole('button', { name: 'Send a test' });
    await ann.page.locator('button.barred', { hasText: 'Send a test' }).waitFor();
    t.ok(await test.isDisabled());
    t.equal(await test.getAttribute('title'), 'Your roles do not let you test notifiers in shop');
    t.ok(await ann.page.getByRole('button', { name: 'Delete' }).isDisabled());
    await ann.page.getByRole('row', { name: /Test/ }).first().waitFor();
    const before = mail.mails.length;
    t.equal(await ask(ann.page, 'POST', '/notifiers/crew/test'), 403);
    t.equal(await ask(ann.page, 'DELETE', '/notifiers/crew'), 403);
    t.equal(await ask(ann.page, 'GET', '/notifiers/crew/notifications'), 200);
    t.equal(mail.mails.length, before, 'and nothing was sent');
    await ann.go('/tasks/shop/breaks/notifications');
    const change = ann.page.getByRole('button', { name: 'Change who is told of breaks' });
    await ann.page.locator('button.barred', { hasText: 'Change' }).first().waitFor();
    t.equal(await change.getAttribute('title'), 'Your roles do not let you change tasks in shop');
    t.equal(await ask(ann.page, 'PATCH', '/tasks/breaks'), 403);
    for (const path of ['/notifiers', '/notifiers/shop/crew', '/tasks/shop/breaks/notifications']) {
      await ann.go(path);
      await ann.page.getByRole('heading', { level: 1 }).waitFor();
      await ann.page.waitForSelector('.loading', { state: 'detached' });
      const beyond = await ann.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      t.ok((beyond as number) <= 0, path);
    }
    const others = ann.complaints.filter((text) => !/status of 403/.test(text));
    t.same(others, [], 'but for what was refused');
  });

  t.same(admin.complaints, []);
});

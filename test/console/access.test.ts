// Users, roles and tokens in a real browser, and what each of them may there: what cannot be pressed is refused by the API, too.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: count-stock, namespace: shop}
spec:
  run: {command: [date]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: elsewhere}
spec:
  run: {command: [date]}
`;

const API = '/apis/cloudtask.dev/v1';

/** What the page itself gets, with the session of whoever is signed in there. */
function ask(page: Page, method: string, path: string, body: unknown = {}): Promise<number> {
  const init = { method, headers: { 'content-type': 'application/json', 'x-ctask-console': '1' } };
  const text = JSON.stringify(body);
  return page.evaluate(
    async ([url, options, sent]) =>
      (await fetch(url, { ...options, ...(options.method === 'GET' ? {} : { body: sent }) })).status,
    [`${API}${path}`, init, text] as const,
  );
}

async function toastGone(page: Page): Promise<void> {
  for (const button of await page.getByRole('button', { name: 'Dismiss' }).all()) await button.click();
}

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: TASKS });
  const admin = await visitor(world);
  const { page } = admin;
  await signIn(admin, world.token);
  let password = '';

  await t.test('an administrator makes a user, whose first password is shown once', async (t) => {
    await admin.go('/access');
    await page.getByRole('button', { name: 'New user' }).click();
    const dialog = page.getByRole('dialog', { name: 'New user' });
    await dialog.getByLabel('Name', { exact: true }).fill('Ann Example');
    await dialog.getByText(`ctask create user 'Ann Example' --password-stdin`).waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.locator('.problem').waitFor();
    const field = dialog.getByLabel('Name', { exact: true });
    t.equal(await field.getAttribute('aria-invalid'), 'true', 'what is wrong is said at its field');
    await field.fill('ann');
    await dialog.getByLabel('Display name').fill('Ann Example');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const shown = page.getByRole('dialog', { name: 'ann is created' });
    password = (await shown.getByLabel('First password of ann').textContent()) ?? '';
    t.match(password, /^[\w-]{23}$/);
    await page.keyboard.press('Escape');
    t.ok(await shown.isVisible(), 'nobody closes it by mistake');
    await shown.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('heading', { name: 'ann', level: 1 }).waitFor();
    await page
      .getByRole('status')
      .getByText(/^ann may do nothing yet/)
      .waitFor();
    t.notMatch(await page.content(), password);
    await page.getByRole('link', { name: 'Users', exact: true }).first().click();
    await page.getByRole('row', { name: /^ann Ann Example Enabled/ }).waitFor();
    const own = page.getByRole('row', { name: /^admin\s?you/ });
    await own.getByRole('button', { name: 'Delete' }).and(page.locator('[aria-describedby]')).waitFor();
    t.match(await own.getByRole('button', { name: 'Disable' }).getAttribute('title'), /^This is you/);
  });

  await t.test('and gives her a role in one namespace', async (t) => {
    await page.getByRole('link', { name: 'ann', exact: true }).click();
    await page.getByRole('region', { name: 'Roles' }).getByText('No role: nothing is allowed').waitFor();
    const rights = page.getByRole('region', { name: 'Rights' });
    await rights.getByRole('row', { name: /^Token/ }).waitFor();
    t.equal(await rights.getByRole('row').count(), 2, 'tokens of her own, and nothing else');
    await page.getByRole('button', { name: 'Give a role' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give a role' });
    await dialog.getByLabel('Role', { exact: true }).selectOption('viewer');
    await dialog.getByLabel('Where').selectOption('shop');
    await dialog.getByText('ctask create rolebinding ann-viewer --role viewer --user ann -n shop').waitFor();
    await dialog.getByRole('button', { name: 'Give it' }).click();
    await page.getByRole('region', { name: 'Roles' }).getByText('in shop').waitFor();
    await page.getByText(/^ann may do nothing yet/).waitFor({ state: 'detached' });
    await rights.getByRole('row', { name: /^Task/ }).waitFor();
  });

  const ann = await visitor(world);

  await t.test('she must choose a password of her own', async () => {
    await ann.go('/tasks');
    await ann.page.getByLabel('User').fill('ann');
    await ann.page.getByLabel('Password').fill(password);
    await ann.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await ann.page.getByLabel('Current password').fill(password);
    await ann.page.getByLabel('New password', { exact: true }).fill('a long one of her own');
    await ann.page.getByLabel('New password, again').fill('a long one of her own');
    await ann.page.getByRole('button', { name: 'Change password' }).click();
    await ann.page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor();
  });

  await t.test('she sees what is there, and why she may not touch it; the API says the same', async (t) => {
    await ann.page.getByRole('link', { name: 'count-stock' }).waitFor();
    t.equal(await ann.page.getByRole('link', { name: 'elsewhere' }).count(), 0);
    t.equal(await ann.page.getByRole('link', { name: 'Agents', exact: true }).count(), 0, 'no page that shows nothing');
    t.equal(await ann.page.getByRole('link', { name: 'Audit', exact: true }).count(), 0);
    await ann.page.getByRole('link', { name: 'Access', exact: true }).click();
    await ann.page.getByRole('row', { name: /^ann user viewer shop/ }).waitFor();
    const tabs = ann.page.getByRole('navigation', { name: 'Parts of access' }).getByRole('link');
    t.same(await tabs.allTextContents(), ['Bindings'], 'of access, what she may see');
    await ann.go('/tasks');
    await ann.page.getByRole('link', { name: 'count-stock' }).click();
    const run = ann.page.getByRole('button', { name: 'Run now' });
    await run.and(ann.page.locator('[aria-describedby]')).waitFor(); // the center has said what she may
    t.ok(await run.isDisabled());
    const reason = 'Your roles do not let you run tasks in shop';
    t.equal(await run.getAttribute('title'), reason);
    const described = (await run.getAttribute('aria-describedby')) ?? '';
    t.equal(await ann.page.locator(`[id="${described}"]`).textContent(), reason);
    await run.focus();
    await ann.page.keyboard.press('Enter');
    await ann.page.getByRole('status').getByText(reason).waitFor();
    for (const name of ['Suspend', 'Delete', 'Clone']) {
      t.ok(await ann.page.getByRole('button', { name, exact: true }).isDisabled(), name);
    }
    t.equal(await ask(ann.page, 'POST', '/namespaces/shop/tasks/count-stock/run'), 403);
    t.equal(await ask(ann.page, 'POST', '/namespaces/shop/tasks/count-stock/suspend'), 403);
    t.equal(await ask(ann.page, 'DELETE', '/namespaces/shop/tasks/count-stock'), 403);
    t.equal(await ask(ann.page, 'POST', '/users', { kind: 'User', metadata: { name: 'eve' }, spec: {} }), 403);
    t.equal(await ask(ann.page, 'GET', '/namespaces/default/tasks'), 403);
    t.equal(await ask(ann.page, 'GET', '/auditentries'), 403);
    t.equal(await ask(ann.page, 'GET', '/namespaces/shop/tasks/count-stock'), 200);
    const task = await world.user.json<Task>(['get', 'task', 'count-stock', '-n', 'shop']);
    t.notOk(task.spec.suspend, 'and nothing has happened');
  });

  await t.test('a role that is given and taken shows on the page that is open', async (t) => {
    const run = ann.page.getByRole('button', { name: 'Run now' });
    await world.user.ok(['create', 'rolebinding', 'ann-runs', '--role', 'operator', '--user', 'ann', '-n', 'shop']);
    await ann.page.locator('button:not(.barred)', { hasText: 'Run now' }).waitFor();
    await run.click();
    await ann.page.getByText('A run of count-stock is on its way').waitFor();
    await world.user.ok(['delete', 'rolebinding', 'ann-runs', '-n', 'shop']);
    await ann.page.locator('button.barred', { hasText: 'Run now' }).waitFor();
    t.equal(await ask(ann.page, 'POST', '/namespaces/shop/tasks/count-stock/run'), 403);
  });

  await t.test('a form that she may not send says so before she fills it in', async (t) => {
    for (const [path, kind] of [
      ['/new', 'tasks'],
      ['/new-notifier', 'notifiers'],
    ] as const) {
      await ann.go(path);
      const alert = ann.page.getByRole('alert');
      await alert.getByText(`Your roles do not let you create ${kind}. An administrator can give you`).waitFor();
      t.ok(await ann.page.getByLabel('Name', { exact: true }).isDisabled());
      t.equal(await ann.page.locator('#main button.barred', { hasText: 'Create' }).count(), 1);
    }
    await world.user.ok(['create', 'rolebinding', 'ann-edits', '--role', 'editor', '--user', 'ann', '-n', 'shop']);
    await ann.go('/new');
    await ann.page.getByText('do not let you create tasks in default. Choose another namespace.').waitFor();
    await ann.page.getByRole('form', { name: 'Fields' }).getByLabel('Namespace').selectOption('shop');
    await ann.page.getByText('The center accepts this').waitFor();
    t.equal(await ann.page.getByRole('alert').count(), 0);
    await world.user.ok(['delete', 'rolebinding', 'ann-edits', '-n', 'shop']);
    await ann.go('/tasks');
  });

  await t.test('a token of her own works in ctask, and not any more when she has revoked it', async (t) => {
    await ann.page.getByRole('link', { name: 'Settings' }).click();
    const tokens = ann.page.getByRole('region', { name: 'Tokens' });
    await tokens.getByRole('button', { name: 'New token' }).click();
    const dialog = ann.page.getByRole('dialog', { name: 'New token' });
    await dialog.getByLabel('What it is for').fill('my laptop');
    await dialog.getByText(`ctask create token --expires 90d --description 'my laptop'`).waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    const shown = ann.page.getByRole('dialog', { name: 'The token is made' });
    const secret = (await shown.getByLabel('Token').textContent()) ?? '';
    t.match(secret, /^ctk_[\w-]{43}$/);
    await shown.getByRole('button', { name: 'I have kept it' }).click();
    const ctask = (args: readonly string[]) => world.user.ctask([...args, '-s', world.url, '--token', secret]);
    const listed = await ctask(['get', 'tasks', '-n', 'shop', '-o', 'name']);
    t.match(listed.stdout, /count-stock/, listed.stderr);
    const refused = await ctask(['run', 'count-stock', '-n', 'shop']);
    t.not(refused.code, 0);
    t.match(refused.stderr, /Forbidden.*"ann" may not/);
    await tokens
      .getByRole('row', { name: /my laptop/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await tokens.getByText('my laptop').waitFor({ state: 'detached' });
    t.match((await ctask(['get', 'tasks', '-n', 'shop'])).stderr, /token|log in|401|not valid/i);
    await ann.page.getByRole('region', { name: 'Rights' }).getByRole('row', { name: /^Task/ }).waitFor();
  });

  await t.test('groups, roles of one’s own and service accounts', async (t) => {
    await admin.go('/access/groups');
    await page.getByRole('button', { name: 'New group' }).click();
    const group = page.getByRole('dialog', { name: 'New group' });
    await group.getByLabel('Name', { exact: true }).fill('web');
    await group.getByLabel('Members').fill('ann');
    await group.getByLabel('Members').press('Enter');
    await group.getByText('ctask create group web --member ann').waitFor();
    await group.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'web', level: 1 }).waitFor();
    await page.getByText(/^Being in web allows nothing yet/).waitFor();
    await page.getByText('ctask describe group web').waitFor();
    await admin.go('/access/groups');
    await page.getByRole('row', { name: /^web ann none/ }).waitFor();
    await admin.go('/access/roles');
    await page.getByRole('button', { name: 'New role' }).click();
    const role = page.getByRole('dialog', { name: 'New role' });
    await role.getByLabel('Name', { exact: true }).fill('starter');
    await role.getByLabel('Verbs').fill('run');
    await role.getByLabel('Verbs').press('Enter');
    await role.getByText('ctask create role starter --verb get,list,watch,run --kind Task,Run').waitFor();
    await role.getByRole('button', { name: 'Create' }).click();
    await toastGone(page);
    t.equal(await page.getByRole('link', { name: 'viewer', exact: true }).count(), 1);
    await page
      .getByRole('row', { name: /^starter/ })
      .getByRole('button', { name: 'Delete' })
      .click();
    const question = page.getByRole('dialog', { name: 'Delete role starter?' });
    await question.getByText('Nobody').waitFor();
    await question.getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('link', { name: 'starter' }).click();
    await page.getByRole('row', { name: 'Task get, list, watch run – –' }).waitFor();
    await admin.go('/access/roles/viewer');
    await page.getByRole('row', { name: 'Run get, list, watch, log – – –' }).waitFor();
    await ann.go('/access/roles/viewer');
    await ann.page.getByRole('row', { name: 'Run all 7 verbs – – –' }).waitFor();
    const all = ann.page.getByText('get, list, watch, log, why, timepoints, download', { exact: true });
    t.ok(await all.isVisible(), 'who may not ask what there is with each kind is told what all means');
    await admin.go('/access/serviceaccounts');
    await page.getByRole('button', { name: 'New service account' }).click();
    const account = page.getByRole('dialog', { name: 'New service account' });
    await account.getByLabel('Name', { exact: true }).fill('ci');
    await account.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'ci', level: 1 }).waitFor();
    await page.getByText(/^ci may do nothing yet/).waitFor();
    await page.getByRole('button', { name: 'Give a role' }).click();
    const given = page.getByRole('dialog', { name: 'Give a role' });
    await given.getByLabel('Where').selectOption('shop');
    await given.getByText('ctask create rolebinding ci-viewer --role viewer --serviceaccount ci -n shop').waitFor();
    await given.getByRole('button', { name: 'Give it' }).click();
    await page.getByRole('region', { name: 'Roles' }).getByText('in shop').waitFor();
    await page.getByRole('button', { name: 'New token' }).click();
    const made = page.getByRole('dialog', { name: 'New token' });
    await made.getByText('ctask create token --serviceaccount ci --expires 90d').waitFor();
    await made.getByRole('button', { name: 'Create' }).click();
    const kept = page.getByRole('dialog', { name: 'The token is made' });
    const secret = (await kept.getByLabel('Token').textContent()) ?? '';
    await kept.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('region', { name: 'Tokens' }).getByRole('button', { name: 'Revoke' }).waitFor();
    const tasks = await world.user.ctask(['get', 'tasks', '-n', 'shop', '-s', world.url, '--token', secret]);
    t.match(tasks.stdout, /count-stock/, tasks.stderr);
    await admin.go('/access/serviceaccounts');
    await page.getByRole('row', { name: /^ci Enabled viewer (everywhere|in shop) – 1/ }).waitFor();
    await admin.go('/access/users/ann');
    await page.getByRole('region', { name: 'Groups' }).getByRole('button', { name: 'Take out' }).click();
    await page.getByRole('region', { name: 'Groups' }).getByText('In no group').waitFor();
    t.same((await world.user.json<{ spec: { members?: string[] } }>(['get', 'group', 'web'])).spec.members, []);
  });

  await t.test('a role is given while the last name is still being typed; to nobody it is not', async (t) => {
    await admin.go('/access/bindings');
    await page.getByRole('button', { name: 'Give a role' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give a role' });
    await dialog.getByRole('button', { name: 'Give it' }).click();
    await dialog.locator('.problem', { hasText: 'Name who gets it' }).waitFor();
    t.equal(await dialog.getByLabel('Users').getAttribute('aria-invalid'), 'true');
    await dialog.getByLabel('Groups').pressSequentially('web');
    await dialog.getByText('ctask create clusterrolebinding web-viewer --role viewer --group web').waitFor();
    await dialog.getByRole('button', { name: 'Give it' }).click();
    await page.getByRole('row', { name: /^web group viewer everywhere/ }).waitFor();
    const { spec } = await world.user.json<{ spec: object }>(['get', 'clusterrolebinding', 'web-viewer']);
    t.match(spec, { role: 'viewer', subjects: [{ kind: 'Group', name: 'web' }] });
    await page
      .getByRole('row', { name: /^web group/ })
      .getByRole('button', { name: 'Take away' })
      .click();
    const question = page.getByRole('dialog', { name: 'Take viewer away from web?' });
    await question.getByText('What viewer allows everywhere is no more given to web').waitFor();
    await question.getByRole('button', { name: 'Take away' }).click();
    await page.getByRole('row', { name: /^web group/ }).waitFor({ state: 'detached' });
    await admin.go('/access/users/ann');
  });

  await t.test('what people call her is changed', async (t) => {
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit ann' });
    await dialog.getByLabel('Display name').fill('');
    await dialog.getByLabel('E-mail').fill('ann@example.com');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('ann@example.com', { exact: true }).waitFor();
    const { spec } = await world.user.json<{ spec: object }>(['get', 'user', 'ann']);
    t.match(spec, { email: 'ann@example.com', displayName: undefined });
  });

  await t.test('settings know the program and the licences of its parts', async (t) => {
    await admin.go('/settings');
    const about = page.getByRole('region', { name: 'About' });
    await about.getByText(/linux/).waitFor();
    const address = (await about.getByRole('link', { name: /Licences/ }).getAttribute('href')) ?? '';
    const answer = await fetch(new URL(address, world.url));
    t.match(answer.headers.get('content-type'), /^text\/plain/);
    t.match(await answer.text(), /react-dom .*MIT/);
    await page.getByLabel('Tables').selectOption('compact');
    await page.getByLabel('Exact times').selectOption('utc');
    await page.reload();
    await about.waitFor();
    t.equal(await page.getAttribute('html', 'data-density'), 'compact', 'kept in this browser');
    await admin.go('/access');
    const moment = page.locator('time').first();
    await moment.hover();
    t.match(await moment.getAttribute('title'), /\(UTC\)$/);
  });

  await t.test('who is disabled is out at once', async () => {
    await admin.go('/access/users/ann');
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Disabled', { exact: true }).waitFor();
    await ann.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  await t.test('every page fits narrow screens, in both themes', async (t) => {
    const paths = [
      ...[
        'groups',
        'groups/web',
        'serviceaccounts',
        'serviceaccounts/ci',
        'bindings',
        'tokens',
        'users/ann',
        'roles/editor',
      ].map((part) => `/access/${part}`),
      ...['/settings', '/audit'],
    ];
    for (const theme of ['light', 'dark'] as const) {
      const guest = await visitor(world, { theme, width: 390 });
      await signIn(guest, world.token);
      for (const path of paths) {
        await guest.go(path);
        await guest.page.getByRole('heading', { level: 1 }).waitFor();
        await guest.page.waitForSelector('.loading', { state: 'detached' });
        const beyond = await guest.page.evaluate('document.documentElement.scrollWidth - innerWidth');
        t.ok((beyond as number) <= 0, `${path}, ${theme}`);
      }
      t.same(guest.complaints, []);
      await guest.context.close();
    }
  });

  t.same(admin.complaints, [], 'no error, nothing the policy forbids, nobody else asked');
  const others = ann.complaints.filter((text) => !/status of 403/.test(text));
  t.same(others, [], 'but for what was refused');
});

// Whether everybody can use the console: axe-core finds nothing serious on any page, and all is reached with the keyboard.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Agent, Run } from '../../manifests/index.js';
import { type ConsoleWorld, noBrowser, signIn, startConsoleWorld, type Visitor, visitor } from './browser.js';
import { openPage, pagesOf } from './pages.js';

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: nightly, labels: {team: fin}}
spec:
  description: Fails when it is asked to run.
  timeZone: Europe/Berlin
  schedules: [{cron: "0 2 * * MON-FRI"}]
  run: {command: ["/bin/sh", "-c", "printf '\\\\033[31mred\\\\033[0m \\\\033[90mgrey\\\\033[0m\\\\n'; exit 3"]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: often}
spec: {schedules: [{every: 1m}], run: {command: [/bin/echo, often]}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: asleep}
spec: {suspend: true, schedules: [{cron: "@daily"}], run: {command: [/bin/echo, never]}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: long}
spec: {gracePeriod: 1s, run: {command: [/bin/sh, -c, "echo begun; exec sleep 600"]}}
---
apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ops, namespace: default}
spec: {webhook: {url: "https://hooks.invalid/of/ours"}}
---
apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: default}
spec: {notify: [{notifier: ops, on: [Failed]}]}
---
apiVersion: cloudtask.dev/v1
kind: User
metadata: {name: ann}
spec: {displayName: Ann Example}
---
apiVersion: cloudtask.dev/v1
kind: User
metadata: {name: ben}
spec: {disabled: true}
---
apiVersion: cloudtask.dev/v1
kind: ServiceAccount
metadata: {name: deploy}
---
apiVersion: cloudtask.dev/v1
kind: Group
metadata: {name: finance}
spec: {members: [ann]}
---
apiVersion: cloudtask.dev/v1
kind: RoleBinding
metadata: {name: finance}
spec: {role: editor, subjects: [{kind: Group, name: finance}]}
`;

/** Chosen by somebody else: at the first log-in it must be changed. */
const PASSWORD = 'chosen by another one';

/** What a page says of what is not there. */
const NOT_THERE = [
  { name: 'no such page', path: '/nowhere' },
  { name: 'no such task', path: '/tasks/default/nothing' },
  { name: 'tasks that no filter leaves', path: '/tasks?q=nothing' },
];

async function makePackage({ user }: ConsoleWorld, name: string): Promise<void> {
  const directory = join(user.home, 'program');
  mkdirSync(directory, { recursive: true });
  for (const words of ['one', 'another']) {
    writeFileSync(join(directory, 'run.sh'), `#!/bin/sh\necho ${words}\n`, { mode: 0o755 });
    await user.ok(['create', 'package', name, '--from', directory]);
  }
}

async function choosePasswordOf({ url, token }: ConsoleWorld, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const address = `${url}/apis/cloudtask.dev/v1/users/${name}/password`;
  const answer = await fetch(address, { method: 'PUT', headers, body: JSON.stringify({ password: PASSWORD }) });
  if (!answer.ok) throw new Error(`the password of ${name} was not set: ${answer.status}`);
}

const VIEWS = (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })));

/** What axe-core finds that it calls serious or critical: rule and element of each. */
async function found(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** What has the focus: its words, and whether it can be seen that it has it. */
function focused({ page }: Visitor): Promise<{ name: string; seen: boolean }> {
  return page.evaluate(`(() => {
    let element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, bottom, width } = element.getBoundingClientRect();
    const name = element.getAttribute('aria-label') ?? element.textContent.trim();
    return { name, seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 0 && bottom > 0 && top < innerHeight };
  })()`);
}

t.test('everybody can use it', { skip: noBrowser ?? false, timeout: 600_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: TASKS });
  await world.user.ctask(['run', 'nightly', '--wait', '--env', 'REASON=a look']);
  await world.user.ok(['run', 'long']);
  const runs = async (task: string, state: string): Promise<Run> => {
    const selector = ['--field-selector', `spec.task=${task}`];
    const { items } = await world.user.eventually<{ items: Run[] }>(['get', 'runs', ...selector], (list) =>
      list.items.some(({ status }) => status?.state === state),
    );
    return items.find(({ status }) => status?.state === state)!;
  };
  const [failed, running] = [await runs('nightly', 'Failed'), await runs('long', 'Running')];
  const agent = (await world.user.json<{ items: Agent[] }>(['get', 'agents'])).items[0]!.metadata.name;
  await makePackage(world, 'tool');
  await choosePasswordOf(world, 'ann');
  const pages = [
    ...pagesOf({
      ...{ task: 'default/nightly', failed, running, agent },
      cluster: 'default',
      aPackage: 'default/tool',
      notifier: 'default/ops',
    }),
    ...NOT_THERE,
  ];

  for (const { theme, width } of VIEWS) {
    await t.test(`axe-core finds nothing serious: ${theme}, ${width} wide`, async (t) => {
      const someone = await visitor(world, { theme, width });
      const { page } = someone;
      await someone.go('/');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      t.same(await found(page), [], 'sign-in');
      await page.getByLabel('User').fill('ann');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
      t.same(await found(page), [], 'change-password');
      await someone.context.clearCookies();
      await signIn(someone, world.token);
      for (const { name, path } of pages) {
        await openPage(someone, path);
        t.same(await found(page), [], name);
      }
      await openPage(someone, '/tasks/default/nightly/notifications');
      await page.getByRole('button', { name: 'Change who is told of nightly' }).click();
      await page.getByLabel('Told are').selectOption('These');
      await page.getByText('More').click();
      t.same(await found(page), [], 'a form of several entries');
      await openPage(someone, '/tasks/default/nightly');
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').waitFor();
      t.same(await found(page), [], 'a question');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Suspend', exact: true }).click();
      await page.getByText('ctask suspend nightly').waitFor();
      t.same(await found(page), [], 'what is told at the edge');
      await page.getByRole('button', { name: 'Resume' }).click();
      if (width < 760) {
        await page.getByRole('button', { name: 'Open the menu' }).click();
        t.same(await found(page), [], 'the menu');
      }
      t.same(someone.complaints, []);
      await page.route('**/auth/session', (route) => route.abort());
      await someone.go('/');
      await page.getByRole('heading', { name: 'The center does not answer' }).waitFor();
      t.same(await found(page), [], 'a center that does not answer');
      await page.unroute('**/auth/session');
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await someone.context.close();
    });
  }

  await t.test(
    'the keyboard reaches everything, in the order of the page, and it can be seen where it is',
    async (t) => {
      const someone = await visitor(world);
      const { page } = someone;
      await signIn(someone, world.token);
      await openPage(someone, '/tasks');
      await page.keyboard.press('Tab');
      t.match(await focused(someone), { name: 'Skip to the page', seen: true });
      const names: string[] = [];
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        const { name, seen } = await focused(someone);
        t.ok(seen, `the focus is seen on "${name}"`);
        names.push(name);
        if (name === 'nightly') break;
      }
      const order = ['CloudTask', 'Overview', 'Tasks', 'Audit', 'New task', 'Task', 'nightly'];
      const places = order.map((name) => names.indexOf(name));
      t.notOk(places.includes(-1), `all of ${order} among ${names}`);
      t.same(
        places,
        [...places].sort((a, b) => a - b),
        'in this order',
      );
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'nightly', level: 1 }).waitFor();
      await page.locator('#main:focus').waitFor();
      await someone.context.close();
    },
  );

  await t.test('who skips the places is on the page', async (t) => {
    const someone = await visitor(world);
    const { page } = someone;
    await signIn(someone, world.token);
    await openPage(someone, '/tasks');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#main:focus').waitFor();
    await page.keyboard.press('Tab');
    t.equal((await focused(someone)).name, 'New task');
    await someone.context.close();
  });

  await t.test('a question keeps the focus, closes with Escape and gives the focus back', async (t) => {
    const someone = await visitor(world);
    const { page } = someone;
    await signIn(someone, world.token);
    await openPage(someone, '/tasks/default/nightly');
    const start = page.getByRole('button', { name: 'Delete' });
    await start.focus();
    await start.and(page.locator(':not([aria-disabled])')).waitFor(); // the center has said what may be done
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      // Beyond its last button the focus is with the browser itself, which the page sees as its body.
      const inside = 'document.activeElement === document.body || document.activeElement.closest("dialog") !== null';
      t.ok(await page.evaluate(inside), 'within');
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    t.equal((await focused(someone)).name, 'Delete');
    await someone.context.close();
  });

  await t.test('on a narrow screen the menu opens and closes by keys', async (t) => {
    const someone = await visitor(world, { width: 390 });
    const { page } = someone;
    await signIn(someone, world.token);
    const menu = page.getByRole('button', { name: 'Open the menu' });
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Runs', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Runs', exact: true }).waitFor({ state: 'hidden' });
    t.equal((await focused(someone)).name, 'Open the menu');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Runs', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    await someone.context.close();
  });

  await t.test('whoever wants less motion gets none', async (t) => {
    const someone = await visitor(world);
    const { page } = someone;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await signIn(someone, world.token);
    await openPage(someone, `/runs/default/${running.metadata.name}`);
    const moving = 'document.getAnimations().filter(({ playState }) => playState === "running").length';
    t.equal(await page.evaluate(moving), 0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    t.ok((await page.evaluate(moving)) as number, 'others see that it runs');
    await someone.context.close();
  });

  // Runners outlive their agents for as long as anything runs.
  await world.user.ok(['cancel', running.metadata.name]);
  await runs('long', 'Cancelled');
});

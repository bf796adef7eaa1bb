// Tasks and packages in a real browser: found among many, changed by two people at once, taken back, given another package.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Agent, Package, Task } from '../../manifests/index.js';
import { tarGz } from '../support/archives.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const TASKS = 2000;
const EDITED = `
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: edited, namespace: default}
spec:
  timeout: 1m
  schedules: [{every: 1s}]
  run: {command: ["/bin/sh", "-c", "echo first"]}
`;

const many = Array.from(
  { length: TASKS },
  (_, i) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: many-${String(i).padStart(4, '0')}, labels: {half: ${i % 2 === 0 ? 'even' : 'odd'}}}
spec:
  suspend: ${i % 4 === 0}
  schedules: [{cron: "0 2 * * *"}]
  run: {command: ["/bin/true"]}
`,
).join('---\n');

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-', '-o', 'name'], { input: many });
  await world.user.ok(['apply', '-f', '-'], { input: EDITED });
  const someone = await visitor(world);
  const { page } = someone;
  await signIn(someone, world.token);
  const names = () => page.locator('table.data tbody .main-link').allTextContents();
  const task = (name: string) => world.user.json<Task>(['get', 'task', name]);

  await t.test('many tasks come a page at a time, and pages are told from each other', async (t) => {
    await someone.go('/tasks');
    await page.getByText('1–50 of 2,001').waitFor();
    t.equal((await names()).length, 50);
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('51–100 of 2,001').waitFor();
    t.equal((await names())[0], 'many-0049');
    await page.reload();
    await page.getByText('51–100 of 2,001').waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('101–150 of 2,001').waitFor();
    await page.getByRole('button', { name: 'Page before' }).click();
    await page.getByText('51–100 of 2,001').waitFor();
    await page.getByRole('button', { name: 'Page before' }).click();
    await page.getByText('1–50 of 2,001').waitFor();
    t.ok(await page.getByRole('button', { name: 'Page before' }).isDisabled());
  });

  await t.test('a page asks once for what it shows first, and notices that the session is gone', async (t) => {
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (/^\/(?:apis|auth)/.test(pathname) && !searchParams.has('watch')) asked.push(request.url());
    });
    await someone.go('/tasks?state=Suspended&sort=-Task&q=many-01');
    await page.getByRole('link', { name: 'many-0196' }).waitFor();
    t.equal(new Set(asked).size, asked.length, 'nothing is asked twice');
    const list = asked.find((url) => url.includes('/tasks?')) ?? '';
    t.match(decodeURIComponent(list), /search=many-01&fieldSelector=status\.state=Suspended&sortBy=-metadata\.name/);
    const cookies = await someone.context.cookies();
    await someone.context.clearCookies();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await someone.context.addCookies(cookies);
    await page.reload();
    await page.getByRole('link', { name: 'many-0196' }).waitFor();
    await someone.go('/tasks');
    await page.getByText('1–50 of 2,001').waitFor();
  });

  await t.test('they are searched, selected and sorted by the center', async (t) => {
    await page.getByLabel('Search by name').fill('Y-199');
    await page.getByRole('link', { name: 'many-1990' }).waitFor();
    await page.getByRole('link', { name: 'many-0049' }).waitFor({ state: 'detached' });
    t.equal((await names()).length, 10);
    await page.getByRole('button', { name: 'Task', exact: true }).click();
    await page.getByRole('row').nth(1).getByRole('link', { name: 'many-1999' }).waitFor();
    await page.getByLabel('Label selector').fill('half=even');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'many-1999' }).waitFor({ state: 'detached' });
    t.same(await names(), ['many-1998', 'many-1996', 'many-1994', 'many-1992', 'many-1990']);
    await someone.go('/tasks?state=Suspended');
    await page.getByText('1–50 of 500').waitFor();
  });

  await t.test(
    'what is shown follows what happens, and what is selected on two pages is changed at once',
    async (t) => {
      await someone.go('/tasks?q=many-00');
      await page.getByLabel('Select many-0001').check();
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByLabel('Select many-0051').check();
      const bar = page.getByRole('region', { name: 'Actions on the selection' });
      await bar.getByText('2 selected').waitFor();
      await bar.getByRole('button', { name: 'Suspend' }).click();
      const dialog = page.getByRole('dialog', { name: 'Suspend: 2 tasks?' });
      await dialog.getByText('ctask suspend many-0001 -n default').waitFor();
      await dialog.getByRole('button', { name: 'Suspend' }).click();
      await page.getByRole('row', { name: /many-0051.*Suspended/ }).waitFor();
      t.same([(await task('many-0001')).spec.suspend, (await task('many-0051')).spec.suspend], [true, true]);
      await world.user.ok(['resume', 'many-0051']);
      await page.getByRole('row', { name: /many-0051.*Active/ }).waitFor();
      await world.user.ok(['delete', 'task', 'many-0051']);
      await page.getByRole('link', { name: 'many-0051' }).waitFor({ state: 'detached' });
    },
  );

  await t.test('a task that fires shows how long its runs took', async (t) => {
    await someone.go('/tasks/default/edited');
    const durations = page.getByRole('region', { name: 'Durations' });
    await durations.locator('path.mark.ok').nth(1).waitFor({ state: 'attached' });
    t.match(
      await durations.getByRole('figure').getAttribute('aria-label'),
      /longest 0\.\ds, median 0\.\ds.*timeout 60s/,
    );
  });

  await t.test('who edits what somebody else has changed sees both, and loses nothing', async (t) => {
    await someone.go('/tasks/default/edited/manifest');
    const editor = page.getByRole('textbox', { name: 'Manifest of edited' });
    await editor.getByText('timeout:').click();
    await page.keyboard.press('End');
    for (let i = 0; i < '1m'.length; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type('3m');
    await page.getByText('The center accepts this').waitFor();
    const theirs = { spec: { timeout: '2m', description: 'of somebody else' } };
    await world.user.ok(['patch', 'task', 'edited', '--type', 'merge', '-p', JSON.stringify(theirs)]);
    const panel = page.getByRole('region', { name: 'Changes of somebody else' });
    await panel.getByText('of somebody else').waitFor();
    t.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
    await panel.getByRole('group', { name: 'Whose spec.timeout' }).getByText('Mine').click();
    await panel.getByRole('button', { name: 'Merge' }).click();
    await panel.waitFor({ state: 'detached' });
    await editor.getByText('of somebody else').waitFor();
    await page.getByText('The center accepts this').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('edited is saved').waitFor();
    t.match((await task('edited')).spec, { timeout: '3m', description: 'of somebody else' });
  });

  await t.test('the way back to a revision is shown before it is gone', async (t) => {
    await page.getByRole('link', { name: 'Revisions' }).click();
    await page.getByRole('row').nth(2).getByRole('button', { name: 'Go back to it' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('.cm-deletedChunk', { hasText: '3m' }).waitFor();
    await dialog.getByRole('button', { name: 'Go back to it' }).click();
    await page.getByText('edited is as it was at revision 2').waitFor();
    t.equal((await task('edited')).spec.timeout, '2m');
  });

  await t.test('a task is cloned with what is changed of it', async (t) => {
    await someone.go('/tasks/default/edited');
    await page.getByRole('link', { name: 'Clone' }).click();
    await page.getByLabel('Name', { exact: true }).fill('cloned');
    await page.getByRole('textbox', { name: 'Manifest' }).getByText('cloned').waitFor();
    await page.getByText('The center accepts this').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'cloned', level: 1 }).waitFor();
    t.same((await task('cloned')).spec.run, (await task('edited')).spec.run);
  });

  await t.test('a package is uploaded, gets another version, and tasks are switched to it', async (t) => {
    const archive = (version: string, padding: number) => {
      const path = join(world.user.home, `tool-${version}.tar.gz`);
      const bytes = tarGz([
        { name: 'tool.sh', content: `#!/bin/sh\necho ${version}\n`, mode: 0o755 },
        { name: 'padding', content: randomText(padding) },
      ]);
      writeFileSync(path, bytes);
      return { path, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
    };
    const [one, two] = [archive('one', 10), archive('two', 9 * 1024 * 1024)];
    await someone.go('/packages');
    await page.getByRole('button', { name: 'Upload' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('tool');
    await dialog.getByLabel('File').setInputFiles(one.path);
    await dialog.getByText('ctask create package tool --from tool-one.tar.gz -n NAMESPACE').waitFor();
    await dialog.getByRole('button', { name: 'Upload' }).click();
    t.ok(await dialog.locator('select:invalid').isVisible(), 'all namespaces are looked at: none is taken unasked');
    await dialog.getByLabel('Namespace').selectOption('default');
    await dialog.getByText('ctask create package tool --from tool-one.tar.gz -n default').waitFor();
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await page.getByRole('heading', { name: 'tool', level: 1 }).waitFor();
    const stored = () => world.user.json<Package>(['get', 'package', 'tool']);
    t.equal((await stored()).spec.digest, one.digest);
    await world.user.ok(['apply', '-f', '-'], {
      input: `{apiVersion: cloudtask.dev/v1, kind: Task, metadata: {name: uses}, spec: {run: {package: {name: tool}, command: ["./tool.sh"]}}}`,
    });
    await page.getByRole('region', { name: 'Used by' }).getByRole('link', { name: 'uses' }).waitFor();

    await page.getByRole('button', { name: 'New version' }).click();
    await dialog.getByLabel('File').setInputFiles(two.path);
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByRole('progressbar').waitFor();
    await page.getByText('tool has version 2; tasks keep the one they have').waitFor();
    t.equal((await stored()).spec.digest, two.digest);
    await page.getByRole('button', { name: 'Copy the SHA-256 of version 2' }).click();
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), two.digest);
    t.equal((await task('uses')).spec.run.package?.digest, one.digest);
    await page.getByRole('button', { name: 'Switch', exact: true }).click();
    await page.getByText('ctask set package tool uses -n default').waitFor();
    t.equal((await task('uses')).spec.run.package?.digest, two.digest);
    await world.user.ok(['run', 'uses', '--wait']);
    t.match(await world.user.ok(['logs', 'task/uses']), /two/);

    await page.getByRole('region', { name: 'Versions' }).getByRole('button', { name: 'Make current' }).click();
    await page
      .getByRole('dialog', { name: 'Make version 1 of tool current?' })
      .getByRole('button', { name: 'Make current' })
      .click();
    await page.getByText('Version 1 is the current one').waitFor();
    t.equal((await stored()).spec.digest, one.digest);
    await page.getByRole('button', { name: 'Switch all tasks' }).click();
    await dialog.getByRole('button', { name: 'Switch all tasks' }).click();
    await page.getByText('All tasks have the current version of tool').waitFor();
    t.equal((await task('uses')).spec.run.package?.digest, one.digest);
  });

  await t.test('what is no package is refused, and the file can be chosen again', async () => {
    const path = join(world.user.home, 'plain.zip');
    writeFileSync(path, 'no archive');
    await page.getByRole('button', { name: 'New version' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('File').setInputFiles(path);
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/a package is a \.tar\.gz or a \.zip file/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  await t.test('a cluster says which agent owns which task, and what would move', async (t) => {
    const { items } = await world.user.json<{ items: Agent[] }>(['get', 'agents']);
    const { name } = items[0]!.metadata;
    await someone.go('/clusters');
    await page.getByRole('link', { name: 'default', exact: true }).click();
    const allocation = page.getByRole('region', { name: 'Allocation' });
    await allocation.getByLabel('Search by name').fill('edited');
    const row = allocation.getByRole('row', { name: /^edited/ });
    await row.getByRole('link', { name }).waitFor();
    await allocation.getByRole('link', { name: 'many-0000' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Rebalance' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rebalance default?' });
    await dialog.getByText('Every agent owns its share').waitFor();
    t.equal(await dialog.getByRole('button', { name: 'Rebalance' }).count(), 0, 'there is nothing to do');
    await dialog.getByRole('button', { name: 'Leave it' }).click();
  });

  await t.test('an agent is drained, and says when it is done', async (t) => {
    const { items } = await world.user.json<{ items: Agent[] }>(['get', 'agents']);
    const { name } = items[0]!.metadata;
    await someone.go(`/agents/${name}`);
    await page.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('dialog', { name: `Drain agent ${name}?` });
    await dialog.getByText(`ctask drain ${name}`).waitFor();
    await dialog.getByRole('button', { name: 'Drain' }).click();
    await page
      .getByText(/Drain(ing|ed)/)
      .first()
      .waitFor();
    const drained = await world.user.json<Agent>(['get', 'agent', name]);
    t.ok(drained.spec.drain !== undefined && drained.spec.unschedulable);
    await page.getByRole('button', { name: 'Uncordon' }).click();
    await page.getByText('Cordoned', { exact: true }).waitFor({ state: 'detached' });
  });

  t.same(someone.complaints, [], 'no error, nothing the policy forbids, nobody else asked');
});

/** Does not get smaller when it is compressed. */
function randomText(bytes: number): string {
  let text = '';
  for (let i = 0; text.length < bytes; i++) text += createHash('sha512').update(String(i)).digest('base64');
  return text.slice(0, bytes);
}

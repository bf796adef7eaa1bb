// What actions ask for first, in a real browser: values of parameters, an end of a suspension, time points that passed; and all of
// it without a mouse.
import t from 'tap';
import type { Run, Task } from '../../manifests/index.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const TASKS = `
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: deploy}
spec:
  parameters:
  - {name: region, values: [eu, us], default: eu, description: Where to}
  - {name: count, type: Integer, minimum: 1, maximum: 10, default: "3"}
  - {name: reason, required: true}
  run: {command: [/bin/echo, "$(params.region)", "$(params.count)", "$(params.reason)"]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: hourly}
spec:
  schedules: [{cron: "0 * * * *"}]
  run: {command: [date]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: lonely}
spec:
  placement: {selector: {matchLabels: {gpu: several}}}
  run: {command: [date]}
`;

t.test('in a browser', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: TASKS });
  const someone = await visitor(world);
  const { page } = someone;
  await signIn(someone, world.token);

  await t.test('a run is given values, which are checked as they are typed', async (t) => {
    await someone.go('/tasks/default/deploy');
    await page.getByRole('button', { name: 'Run now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run deploy' });
    const run = dialog.getByRole('button', { name: 'Run now' });
    await dialog.getByText('Where to; eu unless given').waitFor();
    t.ok(await run.isDisabled(), 'a value that must be given is not there');
    await dialog.getByLabel('reason').fill('a release');
    await dialog.getByLabel('count').fill('11');
    await dialog.getByText('It must be at most 10').waitFor();
    t.ok(await run.isDisabled());
    await dialog.getByLabel('count').fill('7');
    await dialog.getByLabel('region').selectOption('us');
    await dialog
      .getByText(`ctask run deploy --param 'reason=a release' --param count=7 --param region=us -n default`)
      .waitFor();
    await run.click();
    await page.getByText('A run of deploy is on its way').waitFor();
    const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs']);
    t.same(items[0]?.spec.parameters, [
      { name: 'region', value: 'us' },
      { name: 'count', value: '7' },
      { name: 'reason', value: 'a release' },
    ]);
  });

  await t.test('the page of a run shows what it was given, and who asked for it', async () => {
    const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs']);
    await someone.go(`/runs/default/${items[0]!.metadata.name}`);
    const given = page.getByRole('region', { name: 'What it was given' });
    await given.getByText('a release', { exact: true }).waitFor();
    await given.getByText(`ctask describe run ${items[0]!.metadata.name} -n default`).waitFor();
    await page.getByText('Manual, by admin', { exact: true }).waitFor();
  });

  await t.test('a state that tells of trouble says what it means and what to do', async (t) => {
    await someone.go('/tasks');
    const state = page.getByRole('row', { name: /lonely/ }).getByTitle(/^No agent has it: nothing fires/);
    await state.getByText('Unallocated').waitFor();
    await page.getByRole('link', { name: 'lonely' }).click();
    const wrong = page.getByRole('region', { name: 'What is wrong' });
    await wrong.getByText('No agent has it: nothing fires').waitFor();
    await wrong.getByText('ctask why lonely -n default').waitFor();
    t.match(await world.user.ok(['why', 'lonely', '-n', 'default']), /NoEligibleAgent/, 'which says more');
  });

  await t.test('a suspension has an end and a reason; what the center refuses is said at its field', async (t) => {
    await someone.go('/tasks/default/hourly');
    await page.getByRole('button', { name: 'Suspend until…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Suspend hourly' });
    await dialog.getByLabel('Until').fill('2020-01-01T00:00');
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await dialog.getByText(/is not in the future/).waitFor();
    await dialog.getByLabel('Until').fill('2099-01-01T09:00');
    await dialog.getByLabel('Reason').fill('holidays');
    await dialog
      .getByText('ctask suspend hourly --until 2099-01-01T00:00:00.000Z --reason holidays -n default')
      .waitFor();
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText(/hourly is suspended until Thu 1 Jan 2099, 09:00:00 \(Asia\/Tokyo\)/).waitFor();
    const task = await world.user.json<Task>(['get', 'task', 'hourly']);
    t.match(task.spec, { suspendReason: 'holidays' });
    t.equal(Date.parse(task.spec.suspendUntil ?? ''), Date.UTC(2099, 0, 1));
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend', exact: true }).waitFor();
  });

  await t.test('a backfill shows what it would run, and runs it', async (t) => {
    await page.getByRole('button', { name: 'Backfill…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Backfill hourly' });
    await dialog.getByLabel('From').fill('2026-01-01T08:30');
    await dialog.getByLabel('To', { exact: true }).fill('2026-01-01T10:30');
    await dialog.getByText(/--from 2025-12-31T23:30:00.000Z --to 2026-01-01T01:30:00.000Z --dry-run/).waitFor();
    await dialog.getByRole('button', { name: 'Look what would run' }).click();
    const preview = dialog.getByRole('region', { name: 'What would run' });
    await preview.getByText('2 time points, 2 without a run').waitFor();
    await preview.getByText('Thu 1 Jan 2026, 09:00:00 (Asia/Tokyo)').waitFor();
    await dialog.getByRole('button', { name: 'Run 2' }).click();
    await page.getByText('hourly: 2 time points are made up for').waitFor();
    const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=hourly']);
    t.same(items.map(({ spec, status }) => [spec.trigger, status?.state, spec.scheduledTime]).sort(), [
      ['Backfill', 'Succeeded', '2026-01-01T00:00:00.000Z'],
      ['Backfill', 'Succeeded', '2026-01-01T01:00:00.000Z'],
    ]);
  });

  await t.test('all of it without a mouse', async (t) => {
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Commands' });
    await palette.getByRole('option', { name: /^Run now hourly/ }).waitFor();
    await page.keyboard.type('deploy');
    await palette.getByRole('option', { name: 'deploy default' }).waitFor();
    t.equal(await palette.getByRole('option').count(), 1);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'deploy', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('run dep');
    await palette.getByRole('option', { name: /^Run now deploy/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Run deploy' }).getByLabel('reason').fill('g');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.getByText('Go to Runs').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await help.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    t.ok(
      await page.getByRole('heading', { name: 'Runs', level: 1, includeHidden: true }).isVisible(),
      'letters are off',
    );
    await page.keyboard.press('Escape');
  });

  await t.test('the audit is narrowed, looked into, checked and exported', async (t) => {
    await someone.go('/audit?verb=suspend');
    await page
      .getByRole('button', { name: /Details of entry/ })
      .first()
      .click();
    await page.getByText('Hash', { exact: true }).waitFor();
    await page.getByLabel('Kind').selectOption('Task');
    await page.getByText('ctask audit writes task --verb suspend --since 0').waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    const result = page.getByRole('region', { name: 'Verification' });
    await result.getByText('Whole', { exact: true }).waitFor();
    const told = await world.user.ok(['audit', 'writes', '--verify']);
    const [, head = 'none'] = /with hash (\w+)/.exec(told) ?? [];
    t.match(await result.textContent(), head, 'the hash that the command line computes');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    t.equal(download.suggestedFilename(), 'audit.ndjson');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().trim().split('\n');
    t.ok(lines.length > 0 && lines.every((line) => JSON.parse(line).verb === 'suspend'), 'what the filters leave');
  });

  t.same(someone.complaints, [], 'no error, nothing the policy forbids, nobody else asked');
});

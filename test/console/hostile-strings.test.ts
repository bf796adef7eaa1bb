// What users, agents and programs write is text in every page of the console, whatever it looks like.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { HOSTILE } from '../support/hostile-strings.js';
import { noBrowser, signIn, startConsoleWorld, visitor } from './browser.js';

const ALL = HOSTILE.filter((text) => !text.includes('\0')).join(' ');

const MANIFEST = [
  {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'evil', annotations: { note: ALL } },
    spec: {
      description: ALL,
      parameters: [{ name: 'who', description: ALL, default: ALL }],
      run: {
        command: ['/bin/sh', '-c', 'printf "%s\\n" "$X"; printf "%s\\n" "$X" >&2'],
        env: [{ name: 'X', value: ALL }],
      },
    },
  },
  {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'none', labels: { a: 'b' } },
    spec: { description: ALL, run: { command: [`/${ALL}`] } },
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

t.test('abuse: text stays text', { skip: noBrowser ?? false, timeout: 300_000 }, async (t) => {
  const world = await startConsoleWorld(t);
  await world.user.ok(['apply', '-f', '-'], { input: MANIFEST });
  await world.user.ctask(['run', 'evil', '--wait']);
  await world.user.ctask(['run', 'none', '--wait']);
  const { items } = await world.user.json<{ items: Run[] }>(['get', 'runs']);
  t.ok(
    items.some(({ status }) => JSON.stringify(status).includes('onerror')),
    'a message says it',
  );
  const someone = await visitor(world);
  const { page } = someone;
  await signIn(someone, world.token);
  const pages = [
    ...['/', '/tasks', '/tasks/default/evil', '/tasks/default/evil/runs', '/tasks/default/evil/manifest'],
    ...[
      '/tasks/default/evil/revisions',
      '/tasks/default/evil/events',
      '/tasks/default/none',
      '/runs',
      '/events',
      '/audit',
    ],
    ...['/agents', '/clusters', '/access', ...items.map(({ metadata }) => `/runs/default/${metadata.name}`)],
  ];
  let shown = 0;
  for (const path of pages) {
    await someone.go(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // What is asked for is there when nothing is loading any more.
    await page.waitForSelector('.loading', { state: 'detached' });
    const found = await page.evaluate(`({
      owned: globalThis.owned,
      images: document.querySelectorAll('img[onerror], img[src="x"], [onerror]').length,
      scripts: [...document.scripts].filter((script) => !script.src).length,
      shown: document.body.innerText.includes('<img src=x') ? 1 : 0,
    })`);
    const { shown: here, ...rest } = found as { owned?: number; images: number; scripts: number; shown: number };
    t.same(rest, { owned: undefined, images: 0, scripts: 0 }, path);
    shown += here;
  }
  t.ok(shown > 3, `${shown} pages show it`);
  t.same(someone.complaints, []);
  await someone.context.close();
});

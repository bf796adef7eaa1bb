import t from 'tap';
import { plainBooleans } from './boolean-flags.js';
import { createDeps } from './create-deps.js';
import type { Host } from './host.js';
import { buildProgram } from './program.js';

const deps = createDeps({ env: {}, version: '0' } as unknown as Host);

async function plain(line: string): Promise<string> {
  const words = line.split(' ');
  return plainBooleans(words, await buildProgram(deps, { verb: words[0] })).join(' ');
}

t.test('flags that are on or off may say so (C-87)', async (t) => {
  const table = [
    ['get tasks --watch=false -w=false --no-headers=true', 'get tasks --no-headers'],
    ['get tasks -w=true --show-labels=true', 'get tasks -w --show-labels'],
    ['delete task x --ignore-not-found=true --wait=false', 'delete task x --ignore-not-found --no-wait'],
    ['delete task x --wait=true', 'delete task x'],
    ['label task x a=true --overwrite=true', 'label task x a=true --overwrite'],
  ] as const;
  for (const [line, expected] of table) t.equal(await plain(line), expected, line);
});

t.test('what takes a value, is unknown or stands after -- stays', async (t) => {
  const table = [
    'rollout status task/x --watch=false',
    'get tasks --namespace=true --nonsense=true',
    'run hello -- --follow=true',
    'set env task/x WATCH=true',
  ];
  for (const line of table) t.equal(await plain(line), line, line);
});

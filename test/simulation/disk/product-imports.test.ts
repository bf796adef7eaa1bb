// What product code imports of node:fs must be there: the bundle of the simulation has nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import * as fs from './fs.js';
import * as promises from './fs-promises.js';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');
const FOLDERS = ['agent', 'base', 'coordination'];
const IMPORT = /import \{([^}]*)\} from 'node:(fs(?:\/promises)?)'/g;

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/(^|\/)(fixtures|conformance)\//.test(name),
      )
      .map((name) => join(root, folder, name)),
  );
}

t.test('all names that product code imports are there', async (t) => {
  const there = { fs: new Set(Object.keys(fs)), 'fs/promises': new Set(Object.keys(promises)) };
  let count = 0;
  for (const path of sources()) {
    for (const [, names = '', module] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      for (const name of names.split(',').map((each) => each.trim())) {
        if (name === '' || name.startsWith('type ')) continue;
        count += 1;
        t.ok(there[module as keyof typeof there].has(name), `${module}: ${name} for ${path.slice(root.length + 1)}`);
      }
    }
  }
  t.ok(count > 40, `${count} names`);
});

t.test('the default export has all of them', async (t) => {
  for (const module of [fs, promises]) {
    const { default: all, ...named } = module;
    t.same(Object.keys(all).sort(), Object.keys(named).sort());
  }
});

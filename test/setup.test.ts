// When `npm run demo` and `npm test` install packages, and when they leave node_modules alone.
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

interface Setup {
  nodeModulesPlan(directory: string): 'skip' | 'foreign' | 'install';
}

const { nodeModulesPlan } = (await import(new URL('../scripts/setup.mjs', import.meta.url).href)) as Setup;

const A = { version: '1.0.0', integrity: 'sha512-a' };
const lockOf = (packages: object) => JSON.stringify({ packages: { '': { name: 'x' }, ...packages } });
const LOCK = lockOf({ 'node_modules/a': A, 'node_modules/mac': { version: '2.0.0', integrity: 'm', optional: true } });

t.test('packages are installed by what the lock files say, not by their times', (t) => {
  const installed = JSON.stringify({ packages: { 'node_modules/a': A } });
  const dir = t.testdir({ 'package-lock.json': LOCK, node_modules: { '.package-lock.json': installed } });
  const present = join(dir, 'node_modules', '.package-lock.json');
  utimesSync(present, 0, 0);
  t.equal(
    nodeModulesPlan(dir),
    'skip',
    'an old copy with the right contents; what is for another platform may be missing',
  );
  writeFileSync(present, JSON.stringify({ packages: { 'node_modules/a': { ...A, version: '1.0.1' } } }));
  t.equal(nodeModulesPlan(dir), 'install', 'another version');
  writeFileSync(present, JSON.stringify({ packages: { 'node_modules/a': A, 'node_modules/b': A } }));
  t.equal(nodeModulesPlan(dir), 'install', 'one that is wanted no more');
  writeFileSync(present, JSON.stringify({ packages: {} }));
  t.equal(nodeModulesPlan(dir), 'install', 'one is missing');
  t.equal(nodeModulesPlan(t.testdir({ 'package-lock.json': LOCK })), 'install', 'nothing is there');
  t.end();
});

t.test('node_modules that is a link is never replaced', (t) => {
  const dir = t.testdir({ 'package-lock.json': LOCK, elsewhere: { '.package-lock.json': '{"packages": {}}' } });
  symlinkSync('elsewhere', join(dir, 'node_modules'));
  t.equal(nodeModulesPlan(dir), 'foreign');
  writeFileSync(join(dir, 'elsewhere', '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/a': A } }));
  t.equal(nodeModulesPlan(dir), 'skip');
  t.end();
});

// Reads the two tables of docs/architecture.md and every import in the repository, and fails on a violation.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const TOP = ['base', 'manifests', 'coordination', 'center', 'agent', 'cli'];
const builtins = new Set(builtinModules);

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Static and dynamic imports, re-exports, and `import('…')` types. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const found = text.matchAll(/(?:(?<!-)\bfrom\s*|(?<!')\bimport\s*\(?\s*)'([^'\n]+)'/g);
  return [...found].map((match) => ({ file, target: match[1]! }));
}

function tableAfter(text: string, heading: RegExp): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  const start = text.search(heading);
  const lines = text.slice(start).split('\n').slice(2);
  for (const line of lines) {
    if (!line.startsWith('|')) break;
    const cells = line.split('|').slice(1, 3);
    const names = (cell: string | undefined) => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    for (const left of names(cells[0])) rows.set(left, names(cells[1]));
  }
  return rows;
}

const doc = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const folderTable = tableAfter(doc, /\| folder \| may import \|/);
const libraryTable = tableAfter(doc, /\| library \| owner \|/);

const under = (file: string, folder: string) => file.startsWith(`${folder}/`);
/** The most specific row of the folder table that holds for a file. */
const ruleOf = (file: string) =>
  [...folderTable.keys()].filter((folder) => under(file, folder)).sort((a, b) => b.length - a.length)[0];
const isTest = (file: string) =>
  /\.test\.tsx?$/.test(file) || under(file, 'test') || file.includes('/conformance/') || file.includes('/fixtures/');

const files = [...TOP, 'test'].flatMap(sourceFiles);
const imports = files.flatMap(importsOf);

t.test('the tables are there and the repository was read', async (t) => {
  t.equal(folderTable.size, 8);
  t.ok(libraryTable.size > 8);
  t.ok(imports.length > 100);
});

t.test('imports between top-level folders follow the table', async (t) => {
  const wrong: string[] = [];
  for (const { file, target } of imports) {
    if (!target.startsWith('.') || isTest(file)) continue;
    const to = relative(root, resolve(root, dirname(file), target))
      .split(sep)
      .join('/');
    const from = ruleOf(file)!;
    const top = to.split('/')[0]!;
    if (file.split('/')[0] === top) {
      if (top === 'cli' && under(to, 'cli/serve') && from === 'cli' && file !== 'cli/start.ts')
        wrong.push(`${file} → ${to}: only cli/start.ts loads cli/serve`);
      if (top === 'center' && under(to, 'center/console') !== under(file, 'center/console'))
        wrong.push(`${file} → ${to}: the console and the center know each other by HTTP only`);
      continue;
    }
    if (!folderTable.get(from)?.includes(top)) wrong.push(`${file} → ${to}: ${from} may not import ${top}`);
    else if (to !== `${top}/index.js` && from !== 'cli/serve')
      wrong.push(`${file} → ${to}: only ${top}/index.js is imported from outside`);
  }
  t.same(wrong, []);
});

/** Modules that load each other, over however many: none can be read, or tested, without all the others. Types may go round. */
function circles(): string[] {
  const loads = new Map<string, string[]>();
  for (const file of files.filter((name) => !isTest(name))) {
    const text = readFileSync(join(root, file), 'utf8');
    const found = text.matchAll(/^(?:import|export) (?!type )(?:\{([^}]*)\}|[^;{}]*) from '(\.[^']+)';/gm);
    const values = [...found].filter(
      ([, names]) => names?.split(',').every((name) => /^\s*(type .*)?$/.test(name)) !== true,
    );
    const target = (path: string) => join(dirname(file), path).split(sep).join('/');
    loads.set(
      file,
      values
        .map(([, , path]) => target(path!))
        .flatMap((path) => [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')])
        .filter((path) => files.includes(path)),
    );
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (way.includes(file) || done.has(file)) return;
    for (const next of loads.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of loads.keys()) visit(file, []);
  return found;
}

t.test('no modules load each other in a circle', async (t) => {
  t.same(circles(), []);
});

t.test('each library is imported by its owner only', async (t) => {
  const wrong: string[] = [];
  for (const { file, target } of imports) {
    if (target.startsWith('.') || target.startsWith('node:') || isTest(file)) continue;
    const library = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    const owners = libraryTable.get(library);
    if (builtins.has(target)) wrong.push(`${file}: write node:${target}`);
    else if (owners === undefined) wrong.push(`${file}: ${library} has no owner in the table`);
    else if (!owners.some((owner) => under(file, owner)))
      wrong.push(`${file}: ${library} belongs to ${owners.join(', ')}`);
  }
  t.same(wrong, []);
});

t.test('test libraries stay in tests', async (t) => {
  const wrong = imports.filter(({ file, target }) => !isTest(file) && ['tap', 'fast-check'].includes(target));
  t.same(wrong, []);
});

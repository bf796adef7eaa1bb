import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { currentPage, pages } from '../scripts/generate-docs.js';

for (const [name, page] of Object.entries(pages)) {
  t.test(`docs/${name} is what the code says (npm run docs)`, async (t) => {
    t.equal(currentPage(name), await page());
  });
}

const root = fileURLToPath(new URL('../', import.meta.url));
const FOLDERS = ['docs', 'examples', 'coordination', 'test'];

t.test('links lead to files', async (t) => {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const texts = ['README.md', ...below].filter((name) => name.endsWith('.md'));
  t.ok(texts.length > 20);
  for (const name of texts) {
    const text = readFileSync(join(root, name), 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    const missing = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(name), link)));
    t.same(missing, [], name);
  }
});

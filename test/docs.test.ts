import t from 'tap';
import { currentPage, pages } from '../scripts/generate-docs.js';

for (const [name, page] of Object.entries(pages)) {
  t.test(`docs/${name} is what the code says (npm run docs)`, async (t) => {
    t.equal(currentPage(name), await page());
  });
}

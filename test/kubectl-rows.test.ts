// docs/kubectl-rows.md and docs/dashboard-rows.md say of each expectation what proves it; a proof that is not there is found here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const repository = fileURLToPath(new URL('../', import.meta.url));

/** Every expectation that must be answered for: met with a test that proves it, or open with the reason. */
const EXPECTED = `
  C-01 C-02 C-03 C-05 C-06 C-07 C-08 C-09 C-11 C-13 C-14 C-15 C-16 C-17 C-18 C-19 C-20 C-21 C-23 C-26 C-27 C-28 C-31 C-32
  C-34 C-35 C-36 C-37 C-38 C-39 C-40 C-41 C-44 C-45 C-46 C-47 C-48 C-50 C-51 C-52 C-53 C-54 C-55 C-57 C-60 C-61
  C-62 C-63 C-64 C-66 C-69 C-70 C-71 C-75 C-76 C-77
  C-78 C-79 C-81 C-82 C-84 C-85 C-87 C-88 C-89 C-90 C-91 C-92 C-93
  A-01 A-02 A-03 A-04 A-05 A-06 A-07 A-08 A-09 A-11 A-12 A-13 A-14 A-16 A-17 A-18 A-19 A-20 A-21 A-22 A-23 A-26 A-27 A-28 A-29
  A-31 A-32 A-35 A-36 A-50 A-51 A-52 A-53
  G-01 G-02 G-03 G-04 G-05 G-06 G-21 G-22 G-23 G-24 G-25 G-26
  T-01 T-02 T-03 T-04 T-05 T-06 T-08 T-10 T-11 T-13 T-14 T-20 T-21 T-22 T-23 T-24 T-25 T-26 T-27 T-28 T-40 T-41 T-42 T-45
  T-50 T-51 T-52 T-53 T-54 T-56 T-61
  I-01 I-02 I-03 I-04 I-05 I-06 I-07 I-09 I-10 I-11 I-12 I-13 I-14 I-15 I-16 I-17 I-18 I-20 I-23 I-24
`
  .trim()
  .split(/\s+/);

interface Row {
  readonly id: string;
  readonly words: string;
  readonly proof: string;
}

const rows: Row[] = ['docs/kubectl-rows.md', 'docs/dashboard-rows.md']
  .flatMap((file) => readFileSync(join(repository, file), 'utf8').split('\n'))
  .map((line) => /^\| ([ACGIT]-\d+) \| (.+) \| (.+) \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, id, words, proof]) => ({ id: id!, words: words!, proof: proof! }));

t.test('every expectation is in the table, once', async (t) => {
  const ids = rows.map(({ id }) => id);
  t.same(ids, [...new Set(ids)], 'none is there twice');
  t.same(
    EXPECTED.filter((id) => !ids.includes(id)),
    [],
    'none is missing',
  );
});

t.test('every proof exists and names what it proves; what is open says why', async (t) => {
  for (const { id, proof } of rows) {
    const files = [...proof.matchAll(/`([^`]+\.ts)`/g)].map((match) => match[1]!);
    if (/\*\*open\*\*/.test(proof)) t.match(proof, /\*\*open\*\*: \w+/, `${id} says why it is open`);
    else t.ok(files.length > 0, `${id} names a test`);
    for (const file of files) {
      const there = existsSync(join(repository, file));
      t.ok(there, `${id}: ${file} exists`);
      if (there)
        t.match(readFileSync(join(repository, file), 'utf8'), new RegExp(`\\b${id}\\b`), `${file} names ${id}`);
    }
  }
});

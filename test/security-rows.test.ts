// docs/security.md answers for every abuse; a proof that is not there, and a row that is missing, are found here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const repository = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(repository, 'docs/security.md'), 'utf8');

interface Row {
  readonly id: string;
  readonly attempt: string;
  readonly becomes: string;
  readonly proof: string;
}

const rows: Row[] = page
  .split('\n')
  .map((line) => /^\| ([AB]\d+) \| (.+) \| (.+) \| (.*)\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, id, attempt, becomes, proof]) => ({ id: id!, attempt: attempt!, becomes: becomes!, proof: proof! }));

/** What every installation is tried with, in the order of the rows A1, A2, …. */
const ABUSES = [
  ...[/role/, /without a token/, /another namespace/, /<img onerror>.*escape.*CR LF.*\.\.\/.*NUL.*megabyte/],
  ...[/terminal/, /console/, /archives/, /127\.0\.0\.1, 169\.254\.169\.254, .*address.*redirect/],
  ...[/agent reads or reports/, /join token/, /another CA/, /coordination/, /environment, files or keys/],
  ...[/change of the password/, /logs/],
];

t.test('every abuse has its row, once', async (t) => {
  const ids = rows.map(({ id }) => id);
  t.same([...new Set(ids)], ids);
  for (const [index, abuse] of ABUSES.entries()) {
    t.match(rows.find(({ id }) => id === `A${index + 1}`)?.attempt, abuse, `A${index + 1}`);
  }
  const tableRows = page.split('\n').filter((line) => line.startsWith('| ')).length - 2;
  t.equal(rows.length, tableRows, 'no row is malformed');
});

t.test('every proof exists; what has none says why', async (t) => {
  for (const { id, attempt, becomes, proof } of rows) {
    const files = [...proof.matchAll(/`([^`]+\.test\.tsx?)`/g)].map((match) => match[1]!);
    if (files.length === 0) t.match(becomes, /\*\*open\*\*: \w+/, `${id} ${attempt} says why it has no test`);
    t.same(
      files.filter((file) => !existsSync(join(repository, file))),
      [],
      `the proofs of ${id} exist`,
    );
  }
});

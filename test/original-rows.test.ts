// docs/coming-from-cloudtask.md answers for every field, feature and fault of the first CloudTask; a proof that is not there,
// and a row that is missing, are found here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const repository = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(repository, 'docs/coming-from-cloudtask.md'), 'utf8');

interface Row {
  readonly id: string;
  readonly there: string;
  readonly here: string;
  readonly proof: string;
}

const rows: Row[] = page
  .split('\n')
  .map((line) => /^\| ([\d.]+|[SECMW]\d+) \| (.+) \| (.+) \| (.*)\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, id, there, here, proof]) => ({ id: id!, there: there!, here: here!, proof: proof! }));

/** How many faults of each kind are known. */
const FAULTS = { S: 10, E: 22, C: 15, M: 6, W: 18 };

/** What a job, a schedule and a log consisted of. */
const FIELDS = `
  jobid name location groupid servers filename files cmd env description timeout enabled schedule notifysetting createuser createat
  edituser editat stat execerr execat nextat turnmode interval startdate enddate starttime endtime selectat monthlyof stdout errout exectimes
  command workdir ipaddr
`;

t.test('every field, every feature and every fault has its row', async (t) => {
  const faults = Object.entries(FAULTS).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => `${kind}${index + 1}`),
  );
  t.same(
    rows.map(({ id }) => id).filter((id) => !/^\d/.test(id)),
    faults,
  );
  const data = rows
    .filter(({ id }) => id.startsWith('2.'))
    .map(({ there }) => there)
    .join(' ');
  t.same(
    FIELDS.trim()
      .split(/\s+/)
      .filter((field) => !data.includes(`\`${field}\``)),
    [],
    'no field is missing',
  );
  const sections = new Set(rows.map(({ id }) => id).filter((id) => /^\d/.test(id)));
  const wanted = [
    ...Array.from({ length: 7 }, (_, i) => `2.${i + 1}`),
    ...Array.from({ length: 12 }, (_, i) => `4.${i + 1}`),
  ];
  t.same([...sections], wanted);
});

t.test('every proof exists; what has none says why', async (t) => {
  for (const { id, there, here, proof } of rows) {
    const files = [...proof.matchAll(/`([^`]+\.test\.tsx?)`/g)].map((match) => match[1]!);
    if (files.length === 0) t.match(here, /\*\*(open|gone)\*\*: \w+/, `${id} ${there} says why it has no test`);
    t.same(
      files.filter((file) => !existsSync(join(repository, file))),
      [],
      `the proofs of ${id} exist`,
    );
  }
});

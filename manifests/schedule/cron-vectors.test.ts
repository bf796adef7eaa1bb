import { readFileSync } from 'node:fs';
import t from 'tap';
import { isCloudTaskError } from '../../base/index.js';
import { validateObject } from '../validate/validate-object.js';
import { nextTimes } from './next-times.js';

interface Vector {
  readonly id: string;
  readonly tz: string;
  readonly cron: string;
  readonly from_exclusive: string;
  readonly n?: number;
  readonly expected?: readonly string[];
  readonly note: string;
  readonly expect?: 'reject';
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL('./cron-vectors.json', import.meta.url), 'utf8'));

const task = (cron: string, timeZone: string) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name: 'vector' },
  spec: { timeZone, schedules: [{ cron }], run: { command: ['true'] } },
});

t.test('every vector', async (t) => {
  t.equal(vectors.length, 43);
  for (const { id, tz, cron, from_exclusive, n, expected, note, expect } of vectors) {
    const query = { cron, timeZone: tz, from: Date.parse(from_exclusive), count: n ?? 1 };
    const refused = validateObject(task(cron, tz)).causes;
    if (expect === 'reject') {
      try {
        nextTimes(query);
        t.fail(`${id} must be refused`);
      } catch (error) {
        t.ok(isCloudTaskError(error, 'CT_SCHEDULE_INVALID') && error.hint, `${id} ${note}: with a hint`);
      }
      t.equal(refused.length, 1, `${id} is refused by validation`);
      t.match(refused[0]?.message, /dialects disagree about it: write "0-23\/7"/);
      continue;
    }
    const times = nextTimes(query).map((time) => new Date(time).toISOString().replace('.000Z', 'Z'));
    t.strictSame(times, expected, `${id} ${cron} in ${tz}: ${note}`);
    t.equal(refused.length, expected?.length === 0 ? 1 : 0, `${id} is refused only when it never fires`);
  }
});

// What was found of a store, judged. Pure.
import { formatBytes } from '../../../base/index.js';
import type { PartFacts, StoreInspection } from '../../../center/store/inspect/index.js';
import { type Check, checksOf, some } from '../../commands/doctor/check.js';
import { judgeDisk } from '../../commands/doctor/judge-center.js';

const ENGINES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

export function judgeStore(store: StoreInspection): Check[] {
  const { ok } = checksOf('Store');
  const { engine, version, shown, bytes, parts, amounts, disk } = store;
  const words =
    amounts === undefined
      ? ''
      : `: ${some(amounts.tasks, 'task')}, ${some(amounts.runs, 'run')} (${amounts.openRuns} open)`;
  return [
    ok('reach', `${shown}, ${ENGINES[engine]} ${version}`),
    ok('size', `${formatBytes(bytes)}${words}`),
    ...(disk === undefined ? [] : [judgeDisk('Store', 'disk', disk, `${formatBytes(bytes)} are the store`)]),
    ...parts.flatMap(judgePart),
  ];
}

function judgePart({ part, schema, newest, problems, unread }: PartFacts): Check[] {
  const { ok, warn, fail } = checksOf('Store');
  const name = `schema of ${part}`;
  const integrity = `integrity of ${part}`;
  const broken = 'stop the center, keep a copy of the files, and restore a backup (docs/backup.md)';
  return [
    ...(schema === 0
      ? []
      : schema > newest
        ? [
            fail(
              name,
              `${schema}; this version knows ${newest}`,
              'start no older center on it: use a ctask that is as new',
            ),
          ]
        : schema < newest
          ? [warn(name, `${schema}; a center of this version brings it to ${newest}`, 'back it up before that')]
          : [ok(name, `${schema}, the newest that this version knows`)]),
    ...(unread === undefined
      ? []
      : [
          fail(
            integrity,
            `it could not be looked at: ${unread}`,
            'run it as the user of the center, who may open its files',
          ),
        ]),
    ...(problems === undefined
      ? []
      : problems.length === 0
        ? [ok(integrity, 'every page was read, and nothing is wrong with it')]
        : [fail(integrity, problems.join('; '), broken)]),
  ];
}

/** Whether coordination is that of the store: undefined and '' where one of them does not say. */
export function judgeTogether(identity = '', storeId = ''): Check[] {
  const { ok, fail } = checksOf('Coordination');
  if (identity === '' || storeId === '') return [];
  if (identity === storeId) return [ok('store', 'it belongs to the store')];
  const todo = 'look at --root, --zookeeper and --store of the centers: one of the two is of another installation';
  return [fail('store', `it belongs to store ${storeId}, this one is ${identity}`, todo)];
}

import type { TriggerRecord } from '../../../coordination/index.js';
import { bad, queryOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

/** Tasks asked for at once: a URL has room for so many uids, and ZooKeeper is asked for one record each. */
const UIDS_MAX = 200;

/** How far the time points of tasks are consumed and accounted for: what an audit from outside needs besides the runs. */
export function auditRoute(context: ApiContext): Route {
  return {
    method: 'GET',
    path: `${GROUP_PATH}/audit`,
    verb: 'get',
    role: 'read',
    summary: 'Read how far the time points of Tasks are consumed (trigger record) and accounted for (audit mark)',
    handle: async (request) => {
      const uids = (queryOf(request).uids ?? '').split(',').filter((uid) => uid !== '');
      if (uids.length > UIDS_MAX) throw bad('uids', `${uids.length} tasks; at most ${UIDS_MAX} are answered`);
      const records = await context.triggerRecords(uids);
      const items = await Promise.all(
        uids.map(async (taskUid, i) => {
          const upTo = await context.store.auditedUpTo(taskUid, '');
          const record = records[i];
          return {
            ...{ taskUid, slot: '' },
            ...(upTo === undefined ? {} : { auditedUpTo: new Date(upTo).toISOString() }),
            ...(record === undefined ? {} : { record: shown(record) }),
          };
        }),
      );
      return { items };
    },
  };
}

function shown({ owner, revision, suspended, cursor, blockedBy }: TriggerRecord) {
  return { owner, revision, suspended, cursor: new Date(cursor).toISOString(), blockedBy };
}

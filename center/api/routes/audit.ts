import type { TriggerRecord } from '../../../coordination/index.js';
import type { Task } from '../../../manifests/index.js';
import { bad, queryOf } from '../request-options.js';
import { readableIn } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { slotsOfTask } from '../task-slots.js';

/** Tasks asked for at once: a URL has room for so many uids, and ZooKeeper is asked for one record each. */
const UIDS_MAX = 200;
const SLOTS_MAX = 200;

/** How far the time points of tasks are consumed and accounted for: what an audit from outside needs besides the runs. Of the slots that
 * the tasks have, or, with `slots`, of these slots of one task, which may have ended. */
export function auditRoute(context: ApiContext): Route {
  return {
    method: 'GET',
    path: `${GROUP_PATH}/audit`,
    verb: 'get',
    role: 'read',
    about: 'Task',
    perObject: true,
    summary: 'Read how far the time points of Tasks are consumed (trigger record) and accounted for (audit mark)',
    handle: async (request, _reply, user) => {
      const { uids: uidList = '', slots: slotList } = queryOf(request);
      const uids = uidList.split(',').filter((uid) => uid !== '');
      if (uids.length > UIDS_MAX) throw bad('uids', `${uids.length} tasks; at most ${UIDS_MAX} are answered`);
      const asked = slotList?.split(',');
      if (asked !== undefined && uids.length !== 1) throw bad('slots', 'goes with exactly one uid');
      if ((asked?.length ?? 0) > SLOTS_MAX)
        throw bad('slots', `${asked?.length} slots; at most ${SLOTS_MAX} are answered`);
      const tasks = await context.store.listByUid<Task>('Task', uids);
      const readable = readableIn(user, 'Task', 'get');
      const mayRead = ({ metadata }: Task) => readable === undefined || readable.includes(metadata.namespace ?? '');
      const slots = uids.flatMap((taskUid) => {
        const task = tasks.find(({ metadata }) => metadata.uid === taskUid);
        // Of a task that is gone nobody knows any more where it was.
        if (task === undefined ? readable !== undefined : !mayRead(task)) return [];
        const own = task === undefined ? [''] : slotsOfTask(task);
        return (asked ?? own).map((slot) => ({ taskUid, slot }));
      });
      const records = await context.triggerRecords(slots);
      const items = await Promise.all(
        slots.map(async ({ taskUid, slot }, i) => {
          const upTo = await context.store.auditedUpTo(taskUid, slot);
          const record = records[i];
          return {
            ...{ taskUid, slot },
            ...(upTo === undefined ? {} : { auditedUpTo: new Date(upTo).toISOString() }),
            ...(record === undefined ? {} : { record: shown(record) }),
          };
        }),
      );
      return { items };
    },
  };
}

function shown({ owner, revision, suspended, suspendedUntil, cursor, blockedBy }: TriggerRecord) {
  const until = suspendedUntil === undefined ? {} : { suspendedUntil: new Date(suspendedUntil).toISOString() };
  return { owner, revision, suspended, ...until, cursor: new Date(cursor).toISOString(), blockedBy };
}

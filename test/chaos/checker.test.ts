// The checker proves guarantees, so it must be proven itself: what is right is never blamed, and each way to be wrong is
// seen by the check that is there for it.
import fc from 'fast-check';
import t from 'tap';
import { match } from './blind-matching.js';
import { check } from './checker.js';
import { CHECKS, type Check } from './findings.js';
import { generateHistory, type MutableHistory } from './generate-history.js';
import { timePoints } from './time-points.js';

t.test('its arithmetic', async (t) => {
  const iso = (points: number[]) => points.map((point) => new Date(point).toISOString().slice(11, 19));
  const day = Date.parse('2026-01-01T00:00:00Z');
  t.same(iso(timePoints({ everyMs: 25_000 }, day, day + 60_000)), ['00:00:25', '00:00:50']);
  t.same(iso(timePoints({ everyMs: 25_000, anchor: day + 10_000 }, day, day + 60_000)), [
    '00:00:10',
    '00:00:35',
    '00:01:00',
  ]);
  t.same(iso(timePoints({ secondsStep: 25 }, day, day + 90_000)), ['00:00:25', '00:00:50', '00:01:00', '00:01:25']);
});

t.test('blind matching takes as many as can be matched', async () => {
  const arbitrary = fc.record({
    intervals: fc.array(fc.record({ lo: fc.nat(12), length: fc.nat(6) }), { maxLength: 6 }),
    starts: fc.array(fc.nat(18), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ intervals, starts }) => {
      const list = intervals.map(({ lo, length }) => ({ lo, hi: lo + length }));
      const { unmatchedStarts, unmatchedIntervals } = match(list, starts);
      const matched = starts.length - unmatchedStarts.length;
      return matched === best(list, starts) && list.length - unmatchedIntervals.length === matched;
    }),
    { numRuns: 500 },
  );
});

/** By trying everything. */
function best(intervals: readonly { lo: number; hi: number }[], [start, ...rest]: readonly number[]): number {
  if (start === undefined) return 0;
  let most = best(intervals, rest);
  intervals.forEach(({ lo, hi }, i) => {
    if (lo <= start && start <= hi) most = Math.max(most, 1 + best(intervals.toSpliced(i, 1), rest));
  });
  return most;
}

t.test('a correct history is never blamed', async (t) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { findings } = check(generateHistory(seed));
      if (findings.length > 0) throw new Error(JSON.stringify(findings.slice(0, 5), undefined, 1));
    }),
    { numRuns: 100 },
  );
  const history = generateHistory(1);
  t.equal(check(history).figures.recordsOfNothing, 0);
  history.records.push({ ...history.records[20]!, point: history.records[20]!.point! + 1 });
  const { figures } = check(history);
  t.equal(figures.recordsOfNothing, 1);
  t.ok(figures.timePoints > 100 && figures.ran > 50 && figures.outputs > 50, JSON.stringify(figures));
});

/** Each changes a correct history for the worse; false when this one has nothing to change. */
const MUTATIONS: Record<string, { seenBy: Check; mutate: (history: MutableHistory) => boolean }> = {
  'a process that nobody saw, but that is recorded': {
    seenBy: 'record-without-witness',
    mutate: (history) => {
      const { at, start } = ordinary(history);
      history.starts.splice(at, 1);
      return start !== undefined;
    },
  },
  'a time point without process and record': {
    seenBy: 'missing',
    mutate: (history) => {
      const { at, start } = ordinary(history);
      history.starts.splice(at, 1);
      history.records = history.records.filter(({ uid }) => uid !== start?.run);
      return start !== undefined;
    },
  },
  'a suspended time point without a record': {
    seenBy: 'missing',
    mutate: (history) => {
      const middle = suspended(history);
      history.records = history.records.filter((record) => record !== middle);
      return middle !== undefined;
    },
  },
  'a process twice, under the same name': {
    seenBy: 'started-twice',
    mutate: (history) => {
      const { start } = ordinary(history);
      if (start !== undefined) history.starts.push({ ...start, pid: 1, agent: 'a3', time: start.time + 50 });
      return start !== undefined;
    },
  },
  'a process twice, under the name of another time point': {
    seenBy: 'fired-without-time-point',
    mutate: (history) => {
      const task = history.tasks.find(({ id, retries, phases, deleted }) => {
        const mine = history.records.filter(({ taskUid }) => `${taskUid.replace('uid-', 'task')}#1` === id);
        return (
          retries === 0 &&
          phases.length === 1 &&
          deleted === undefined &&
          mine.every(({ state }) => state === 'Succeeded' || state === 'Failed')
        );
      });
      const start = history.starts.find((one) => one.task === task?.id && one.point > history.window.from + 90_000);
      if (start !== undefined) history.starts.push({ ...start, point: start.point + 1, time: start.time + 20 });
      return start !== undefined;
    },
  },
  'a time point that is off the schedule': {
    seenBy: 'unexpected-time-point',
    mutate: (history) => {
      const { start } = ordinary(history);
      if (start !== undefined) start.point -= 300;
      return start !== undefined;
    },
  },
  'a process while its task is suspended': {
    seenBy: 'unexpected-time-point',
    mutate: (history) => {
      const record = suspended(history);
      const task = history.tasks.find(({ uid }) => uid === record?.taskUid);
      if (record === undefined || task === undefined) return false;
      const process = { run: record.uid, attempt: 1, pid: 2, agent: 'a1' };
      history.starts.push({ ...process, task: task.id, point: record.point!, time: record.point! + 5 });
      return true;
    },
  },
  'a start before its time': {
    seenBy: 'started-early',
    mutate: (history) => {
      const { start } = ordinary(history);
      if (start !== undefined) start.time = start.point - 200;
      return start !== undefined;
    },
  },
  'two processes at once of a task that forbids it': {
    seenBy: 'overlap',
    mutate: (history) => {
      const task = history.tasks.find(({ concurrency, retries }) => concurrency === 'Forbid' && retries === 0);
      const mine = history.starts.filter((start) => start.task === task?.id).sort((a, b) => a.time - b.time);
      const next = mine[4];
      const end = history.ends.find(({ run }) => run === mine[3]?.run);
      if (next === undefined || end === undefined) return false;
      end.time = next.time + 100;
      return true;
    },
  },
  'an attempt too many': {
    seenBy: 'too-many-attempts',
    mutate: (history) => {
      const { start } = ordinary(history);
      if (start !== undefined) history.starts.push({ ...start, attempt: 3, pid: 3, time: start.time + 2000 });
      return start !== undefined;
    },
  },
  'a record that is gone': {
    seenBy: 'unrecorded-run',
    mutate: (history) => {
      const { start } = ordinary(history);
      history.records = history.records.filter(({ uid }) => uid !== start?.run);
      return start !== undefined;
    },
  },
  'an attempt that is not recorded': {
    seenBy: 'unrecorded-run',
    mutate: (history) => {
      const record = history.records.find(
        ({ attempts, point, taskUid }) => attempts.length === 2 && judged(history, taskUid, point),
      );
      if (record === undefined) return false;
      record.attempts.pop();
      record.state = 'Failed';
      return true;
    },
  },
  'two records of one time point': {
    seenBy: 'recorded-twice',
    mutate: (history) => {
      const { record } = ordinary(history);
      if (record !== undefined) history.records.push({ ...record, uid: 'another' });
      return record !== undefined;
    },
  },
  'a failure that is recorded as a success': {
    seenBy: 'state-contradicts-witness',
    mutate: (history) => {
      const { start, record } = ordinary(history);
      const end = history.ends.find(({ run }) => run === start?.run);
      if (record === undefined || end === undefined) return false;
      end.exitCode = record.state === 'Succeeded' ? 9 : 0;
      return true;
    },
  },
  'a run that is recorded as missed': {
    seenBy: 'state-contradicts-witness',
    mutate: (history) => {
      const { record } = ordinary(history);
      if (record !== undefined) record.state = 'Missed';
      return record !== undefined;
    },
  },
  'a success out of nothing': {
    seenBy: 'record-without-witness',
    mutate: (history) => {
      const record = history.records.find(
        ({ state, taskUid, point }) => state === 'Skipped' && judged(history, taskUid, point),
      );
      if (record === undefined) return false;
      record.state = 'Succeeded';
      record.attempts = [{ number: 1, state: 'Succeeded', agent: 'a1', startTime: 1, endTime: 2 }];
      return true;
    },
  },
  'a byte of output that is lost': {
    seenBy: 'output-differs',
    mutate: (history) => {
      const { start } = ordinary(history);
      const end = history.ends.find(({ run }) => run === start?.run);
      const stored = history.outputs.find(({ run }) => run === start?.run);
      if (stored === undefined || end?.output === undefined) return false;
      stored.sha256 = 'digest of one byte less';
      return true;
    },
  },
  'a run that never ends': {
    seenBy: 'still-open',
    mutate: (history) => {
      const { record } = ordinary(history);
      if (record !== undefined) record.state = 'Running';
      return record !== undefined;
    },
  },
  'a start without a claim': {
    seenBy: 'started-without-claim',
    mutate: (history) => {
      const { start, task } = ordinary(history);
      history.versions = history.versions.filter(
        ({ taskUid, cursor }) => taskUid !== task?.uid || cursor !== start?.point,
      );
      return start !== undefined;
    },
  },
  'a start by an agent that did not own the slot': {
    seenBy: 'foreign-agent',
    mutate: (history) => {
      const { start } = ordinary(history);
      if (start !== undefined) start.agent = 'a9';
      return start !== undefined;
    },
  },
  'a cursor that goes back': {
    seenBy: 'cursor-backwards',
    mutate: (history) => {
      const { task } = ordinary(history);
      const mine = history.versions.filter(({ taskUid }) => taskUid === task?.uid);
      if (mine[5] === undefined) return false;
      mine[5].cursor = mine[4]!.cursor - 1000;
      return true;
    },
  },
  'a slot taken from an agent that was there': {
    seenBy: 'moved-while-present',
    mutate: (history) => {
      history.agentFaults = [];
      for (const stretch of history.presence) delete stretch.to;
      history.presence = history.presence.map((stretch) => ({ ...stretch, from: 0 }));
      return history.listWrites.length > 0 && moved(history);
    },
  },
  'an owner written in stable time': {
    seenBy: 'allocation-write-in-stable-time',
    mutate: (history) => {
      const { from } = history.stable[0]!;
      const version = history.versions.find(({ time }) => time > from + 1000);
      if (version === undefined) return false;
      version.leaderPart = '{"owner":"a3","ownerEpoch":7}';
      return true;
    },
  },
  'a list written in stable time': {
    seenBy: 'allocation-write-in-stable-time',
    mutate: (history) => {
      history.listWrites.push({ time: history.stable[0]!.to - 5, path: '/cloudtask/allocations/a1/rev' });
      return true;
    },
  },
};

/** A first and only attempt in the middle of the history, and what belongs to it. */
function ordinary(history: MutableHistory) {
  const at = history.starts.findIndex(
    ({ run, point, task: id }) =>
      history.records.some(({ uid, attempts, state }) => uid === run && attempts.length === 1 && state !== 'Lost') &&
      judged(history, history.tasks.find((task) => task.id === id)!.uid, point),
  );
  const start = history.starts[at];
  const record = history.records.find(({ uid }) => uid === start?.run);
  return {
    at: at < 0 ? history.starts.length : at,
    start,
    record,
    task: history.tasks.find(({ id }) => id === start?.task),
  };
}

/** The record of a time point well within a suspension. */
function suspended(history: MutableHistory) {
  return history.records.find(({ reason, taskUid, point }) => {
    const phase = history.tasks.find(({ uid }) => uid === taskUid)?.phases[1];
    return reason === 'Suspended' && phase !== undefined && point! > phase.effective + 20_000;
  });
}

function judged(history: MutableHistory, taskUid: string, point: number | undefined): boolean {
  const { from } = history.window;
  return keeps(history, taskUid) && point !== undefined && point > from + 30_000 && point < from + 85_000;
}

function keeps(history: MutableHistory, taskUid: string): boolean {
  return history.tasks.some((task) => task.uid === taskUid && task.deleted === undefined);
}

function moved(history: MutableHistory): boolean {
  const owners = new Map<string, Set<unknown>>();
  for (const { taskUid, owner } of history.versions) owners.set(taskUid, (owners.get(taskUid) ?? new Set()).add(owner));
  return [...owners.values()].some((set) => set.size > 1);
}

/** Enough seeds that every mutation finds a history to change several times. */
const SEEDS = 16;

t.test('each mutation is seen by the check that is meant for it', async (t) => {
  for (const [name, { seenBy, mutate }] of Object.entries(MUTATIONS)) {
    let tried = 0;
    const escaped: number[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      const history = generateHistory(seed);
      if (!mutate(history)) continue;
      tried += 1;
      if (!check(history).findings.some((finding) => finding.check === seenBy)) escaped.push(seed);
    }
    t.same(escaped, [], `${name}: ${tried} of ${SEEDS} histories`);
    t.ok(tried >= 2, `${name}: ${tried} tried`);
  }
  t.same(
    new Set(Object.values(MUTATIONS).map(({ seenBy }) => seenBy)),
    new Set(CHECKS),
    'no check is without a mutation',
  );
});

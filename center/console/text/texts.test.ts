// How the console puts things: colours of terminals, outcomes, YAML and what completes it.
import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import t from 'tap';
import type { RunObject, TaskObject } from '../api/objects.js';
import { placesToGive, restOfHolders } from './access.js';
import { ansiParts, plainText } from './ansi.js';
import { manifestCompletions } from './completions.js';
import { durationsOf, ticksOf } from './durations.js';
import { theirChanges } from './merge.js';
import { ambiguousNames } from './names.js';
import { grouped } from './numbers.js';
import { lastFailures, outcomesByTime, outcomesSince } from './outcomes.js';
import { scheduleSentences } from './schedule.js';
import { manifestText, parseText, placeOf, withField } from './yaml.js';

t.test('colours of terminals become classes, and other sequences nothing', async (t) => {
  t.same(ansiParts('plain'), [{ text: 'plain', classes: '' }]);
  t.same(ansiParts('\u001b[1;32mok\u001b[0m rest'), [
    { text: 'ok', classes: 'ansi-green ansi-bold' },
    { text: ' rest', classes: '' },
  ]);
  t.equal(plainText('\u001b[2K\u001b]0;title\u0007\u001b[31mred\u001b[0m'), 'red');
  const parts = ansiParts('<img src=x onerror=alert(1)>\u001b[31m&amp;');
  t.equal(parts.map(({ text }) => text).join(''), '<img src=x onerror=alert(1)>&amp;', 'text stays text');
});

function run(task: string, state: string, minute: number): RunObject {
  const endTime = new Date(minute * 60_000).toISOString();
  return {
    metadata: { name: `${task}-${minute}` },
    spec: { task, taskUid: task },
    status: { state, endTime },
  } as never;
}

t.test('outcomes are counted where they ended; what was meant to end so counts for neither', async (t) => {
  const runs = [
    ...[run('a', 'Succeeded', 1), run('a', 'Failed', 9), run('a', 'Failed', 11), run('b', 'Missed', 15)],
    ...[run('b', 'Cancelled', 12), run('b', 'Running', 13), run('b', 'Succeeded', 30)],
  ];
  t.same(outcomesSince(runs, 9 * 60_000), { good: 1, bad: 3 });
  const parts = outcomesByTime(runs, { since: 0, until: 20 * 60_000, parts: 2 });
  t.same(parts, [
    { good: 1, bad: 1 },
    { good: 0, bad: 2 },
  ]);
  const failures = lastFailures(runs, 5).map((failure) => [failure.run.metadata.name, failure.count]);
  t.same(failures, [
    ['b-15', 1],
    ['a-11', 2],
  ]);
});

t.test('a field is changed, and all else of the text stays', async (t) => {
  const text = 'kind: Task # mine\nspec:\n  schedules:\n    - cron: 0 2 * * * # at night\n';
  const after = withField(text, ['spec', 'schedules', 0, 'cron'], '*/5 * * * *');
  t.match(after, /kind: Task # mine/);
  t.match(after, /cron: "?\*\/5 \* \* \* \*"? # at night/);
  t.notMatch(withField(text, ['kind'], undefined), /kind/);
});

t.test('problems have a place', async (t) => {
  const text = 'spec:\n  schedules:\n    - cron: 61 * * * *\n';
  const { from, to } = placeOf(text, 'spec.schedules[0].cron');
  t.equal(text.slice(from, to), '61 * * * *');
  const missing = placeOf(text, 'spec.schedules[0].every.deep');
  t.ok(text.slice(missing.from, missing.to).startsWith('cron: 61'), 'what it would be in');
  const parsed = parseText('a: [1, 2\nb: 3');
  t.ok('problems' in parsed && parsed.problems.length > 0);
  t.same(parseText('a: 1'), { object: { a: 1 } });
});

t.test('of a task only what was declared is written', async (t) => {
  const task = {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '7', labels: { x: 'y' } },
    spec: { run: { script: 'echo' }, calendars: [{ name: 'holidays', timeZone: 'UTC' }] },
    status: { state: 'Active' },
  } as unknown as TaskObject;
  t.equal(
    manifestText(task),
    'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata:\n  name: a\n  namespace: default\n  labels:\n    x: y\nspec:\n  run:\n    script: echo\n',
  );
});

/** Labels that are offered at the `|`. */
function offered(text: string): readonly string[] {
  const pos = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', '') });
  const result = manifestCompletions(new CompletionContext(state, pos, true));
  return result?.options.map(({ label }) => label) ?? [];
}

t.test('what completes a place is what the schema has there', async (t) => {
  t.ok(offered('spec:\n  time|').includes('timeZone'));
  t.notOk(offered('spec:\n  time|').includes('cron'), 'not of another place');
  for (const list of ['spec:\n  schedules:\n  - cr|', 'spec:\n  schedules:\n    - name: x\n      cr|']) {
    t.ok(offered(list).includes('cron'), list);
    t.notOk(offered(list).includes('timeout'), list);
  }
  t.same([...offered('spec:\n  concurrencyPolicy: |')].sort(), ['Allow', 'Forbid', 'Queue', 'Replace']);
  t.ok(offered('spec:\n  retry:\n    backoff:\n      in|').includes('initial'));
  t.same(offered('spec:\n  nothing:\n    x|'), []);
  const notifier = 'apiVersion: cloudtask.dev/v1\nkind: Notifier\nspec:\n';
  t.ok(offered(`${notifier}  e|`).includes('email'), 'of the kind that it says it is');
  t.notOk(offered(`${notifier}  e|`).includes('timeZone'));
  t.same([...offered(`${notifier}  email:\n    tls: |`)].sort(), ['None', 'StartTls', 'Tls']);
});

t.test('runs that took unusually long stand out, and so do those that failed or timed out', async (t) => {
  const took = (state: string, at: number, seconds: number): RunObject =>
    ({
      metadata: { uid: `${at}` },
      spec: {},
      status: {
        ...{ state, startTime: new Date(at * 60_000).toISOString() },
        endTime: new Date(at * 60_000 + seconds * 1000).toISOString(),
      },
    }) as never;
  const usual = Array.from({ length: 10 }, (_, i) => took('Succeeded', i, 2 + (i % 3)));
  const running = { metadata: {}, spec: {}, status: { state: 'Running', startTime: new Date(0).toISOString() } };
  const runs = [took('Succeeded', 12, 60), ...usual, took('TimedOut', 11, 30), took('Failed', 13, 1), running as never];
  const { points, median, longest } = durationsOf(runs, 100);
  t.same(points.map(({ mark }) => mark).slice(10), ['timeout', 'outlier', 'failed'], 'in the order of their starts');
  t.same([...new Set(points.slice(0, 10).map(({ mark }) => mark))], ['ok']);
  t.same([median, longest], [3000, 60_000]);
  t.same(
    durationsOf(runs, 2).points.map(({ mark }) => mark),
    ['ok', 'failed'],
    'of few it is not said what is usual',
  );
  t.same(durationsOf([], 5), { points: [], median: undefined, longest: 0 });
});

t.test('changes of somebody else are told field by field, and where both changed the same', async (t) => {
  const before = { metadata: { name: 'a' }, spec: { timeout: '1m', run: { command: ['a'] }, retry: { limit: 1 } } };
  const theirs = { metadata: { name: 'a', labels: { team: 'x' } }, spec: { timeout: '2m', run: { command: ['b'] } } };
  const mine = {
    metadata: { name: 'a' },
    spec: { timeout: '3m', run: { command: ['b'] }, retry: { limit: 1 }, suspend: true },
  };
  t.same(theirChanges(before, mine, theirs), [
    { path: ['spec', 'timeout'], before: '1m', theirs: '2m', mine: '3m', clash: true },
    { path: ['spec', 'retry', 'limit'], before: 1, theirs: undefined, mine: 1, clash: false },
    { path: ['metadata', 'labels', 'team'], before: undefined, theirs: 'x', mine: undefined, clash: false },
  ]);
  t.same(theirChanges(before, before, before), []);
  t.same(
    theirChanges({ a: [{ x: 1, y: 2 }] }, { a: 1 }, { a: [{ y: 2, x: 1 }] }),
    [],
    'the order of fields says nothing',
  );
});

t.test('numbers have their thousands apart', async (t) => {
  for (const count of [0, 7, 999, 1000, 12_345, 1_234_567]) t.equal(grouped(count), count.toLocaleString('en'));
});

t.test('an axis of durations is marked where people count', async (t) => {
  t.same(ticksOf(50_000), [0, 20_000, 40_000]);
  t.same(ticksOf(1080), [0, 500, 1000]);
  t.same(ticksOf(90 * 60_000), [0, 30 * 60_000, 60 * 60_000, 90 * 60_000]);
  t.equal(ticksOf(10 * 365 * 86_400_000)[0], 0);
});

t.test('a name of two namespaces is ambiguous, a name that is there twice in one is not', async (t) => {
  const of = (...places: readonly string[]) =>
    ambiguousNames(places.map((place) => ({ namespace: place.split('/')[0]!, name: place.split('/')[1]! })));
  t.same([...of('a/report', 'b/report', 'b/load', 'b/load')], ['report']);
  t.equal(of().size, 0);
});

t.test('a schedule of one time point is told as people tell times', async (t) => {
  const task = { metadata: { name: 'a', uid: 'a' }, spec: { schedules: [{ at: '2027-01-01T00:00:00+01:00' }] } };
  t.match(scheduleSentences(task as never), [/^Once: (Thu 31 Dec 2026|Fri 1 Jan 2027), \d\d:\d\d:00 \(.+\)$/]);
});

t.test('a role is given where that was chosen, also when the namespace is not listed any more', async (t) => {
  const all = { everywhere: true, namespaces: ['lab', 'lab', 'shop'] };
  t.same(placesToGive({ ...all, chosen: '' }), { places: ['', 'lab', 'shop'], place: '' });
  t.same(placesToGive({ ...all, chosen: 'shop' }), { places: ['', 'lab', 'shop'], place: 'shop' });
  t.same(placesToGive({ ...all, chosen: 'gone' }), { places: ['', 'lab', 'shop', 'gone'], place: 'gone' });
  t.same(placesToGive({ ...all, namespaces: [], chosen: 'lab' }), { places: ['', 'lab'], place: 'lab' });
  t.same(placesToGive({ ...all, everywhere: false, chosen: '' }), { places: ['lab', 'shop'], place: 'lab' });
});

t.test('nobody has a role only when all bindings were read', async (t) => {
  const live = { phase: 'live', cut: false } as const;
  t.equal(restOfHolders(0, [live, live]), 'nobody');
  t.equal(restOfHolders(1, [live, live]), undefined);
  t.equal(restOfHolders(0, [live, { phase: 'loading', cut: false }]), undefined);
  for (const other of [
    { phase: 'refused', cut: false },
    { phase: 'stale', cut: false },
    { phase: 'live', cut: true },
  ] as const) {
    t.equal(restOfHolders(0, [live, other]), 'unknown', JSON.stringify(other));
    t.equal(restOfHolders(0, [other, live]), 'unknown');
    t.equal(restOfHolders(2, [other, live]), 'perhaps more');
  }
});

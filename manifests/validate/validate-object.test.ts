import t from 'tap';
import { kinds } from '../kinds/registry.js';
import { taskPolicy } from '../task-policy.js';
import { type Validation, validateObject } from './validate-object.js';

const task = (spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name: 'a', ...metadata },
  spec: { run: { command: ['true'] }, ...spec },
});
const said = ({ causes }: Validation) => causes.map((found) => `${found.reason} ${found.message}`);
const withSchedule = (schedule: Record<string, unknown>) => said(validateObject(task({ schedules: [schedule] })));

t.test('a name that is to be generated: refused, accepted, or noted (C-17)', async (t) => {
  const metadata = { generateName: 'a-' };
  const value = { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata };
  const forbidden = { reason: 'FieldValueForbidden', field: 'metadata.generateName', message: /ctask create -f/ };
  t.match(validateObject(value), { causes: [forbidden], object: undefined });
  t.match(validateObject(value, { generateName: 'Accept' }), { causes: [], warnings: [], object: { metadata } });
  t.match(validateObject(value, { generateName: 'Note' }), { causes: [], warnings: [forbidden], object: { metadata } });
  const named = { ...value, metadata: { ...metadata, name: 'a' } };
  t.match(validateObject(named), { causes: [], warnings: [] }, 'with a name it says nothing');
  const wrong = { ...value, metadata: { generateName: 'A' } };
  const causes = [{ reason: 'FieldValueInvalid', message: /begin with a letter or digit, and not end with "\."/ }];
  t.match(validateObject(wrong, { generateName: 'Accept' }), { causes });
  t.match(validateObject({ ...value, metadata: {} }, { generateName: 'Accept' }), {
    causes: [{ reason: 'FieldValueRequired', field: 'metadata.name' }],
  });
});

t.test('defaults are written out, what the user wrote stays (A-08)', async (t) => {
  const input = task({ schedules: [{ every: '5s' }], retry: { limit: 3 } });
  const before = structuredClone(input);
  const { object, causes } = validateObject(input);
  t.strictSame(causes, []);
  t.strictSame(input, before, 'the input is not changed');
  t.same(object?.spec, {
    cluster: 'default',
    timeZone: 'UTC',
    dst: { gap: 'Shift', overlap: 'First' },
    schedules: [{ name: 'default', every: '5s' }],
    suspend: false,
    run: { command: ['true'] },
    gracePeriod: '10s',
    retry: { limit: 3, backoff: { initial: '10s', max: '5m' } },
    concurrencyPolicy: 'Forbid',
    missedRunPolicy: 'RunOnce',
    startingDeadline: '60s',
    catchUpWindow: '1h',
    onLost: 'Record',
    partitionPolicy: 'Fence',
    history: { runs: 100, age: '90d' },
  });
  t.equal(JSON.stringify(validateObject(object).object), JSON.stringify(object), 'doing it again changes nothing');
});

t.test('keys come in the order of the schema', async (t) => {
  const { object } = validateObject({
    spec: { timeout: '5m', run: { command: ['x'] }, cluster: 'eu' },
    kind: 'Task',
    metadata: { name: 'a' },
    apiVersion: 'cloudtask.dev/v1',
  });
  t.strictSame(Object.keys(object!), ['apiVersion', 'kind', 'metadata', 'spec']);
  t.equal(Object.keys(object!.spec)[0], 'cluster');
});

t.test('defaults are never shared between objects', async (t) => {
  const one = validateObject(task()).object;
  const two = validateObject(task()).object;
  if (one?.kind !== 'Task' || two?.kind !== 'Task') throw new Error('both are tasks');
  t.not(one.spec.schedules, two.spec.schedules);
  t.not(one.spec.retry, two.spec.retry);
});

t.test('policies in numbers, with and without defaults', async (t) => {
  const wanted = {
    gracePeriodMs: 10_000,
    priority: 0,
    startingDeadlineMs: 60_000,
    catchUpWindowMs: 3_600_000,
    missedRunPolicy: 'RunOnce',
    concurrencyPolicy: 'Forbid',
    runsAtOnce: 1,
    retry: { limit: 0, initialMs: 10_000, maxMs: 300_000, factor: 2, jitter: 0.1 },
    onLost: 'Record',
    partitionPolicy: 'Fence',
    history: { runs: 100, ageMs: 90 * 86_400_000 },
  };
  t.strictSame(taskPolicy({ run: { command: ['true'] } }), wanted);
  const { object } = validateObject(task());
  if (object?.kind !== 'Task') throw new Error('it is a task');
  t.strictSame(taskPolicy(object.spec), wanted, 'the same from the materialised defaults');
  const { run } = object.spec;
  const atOnce = (concurrencyPolicy: 'Allow' | 'Queue', maxConcurrentRuns?: number) =>
    taskPolicy({ run, concurrencyPolicy, ...(maxConcurrentRuns === undefined ? {} : { maxConcurrentRuns }) })
      .runsAtOnce;
  t.strictSame(
    [atOnce('Allow'), atOnce('Allow', 3), atOnce('Queue'), atOnce('Queue', 3)],
    [Number.POSITIVE_INFINITY, 3, 1, 3],
  );
  t.match(taskPolicy({ ...object.spec, timeout: '1h30m', retry: { limit: 2, onExitCodes: [75] } }), {
    timeoutMs: 5_400_000,
    retry: { limit: 2, onExitCodes: [75] },
  });
});

t.test('schema errors are sentences (A-20)', async (t) => {
  const table: readonly [Record<string, unknown>, RegExp][] = [
    [
      { timeout: 90 },
      /^FieldValueTypeInvalid spec\.timeout: Invalid type: number: must be a duration.*; write "90s" for seconds$/,
    ],
    [{ timeout: '90' }, /^FieldValueInvalid spec\.timeout: Invalid value: "90": must be a duration/],
    [{ timeZone: 'Europe/Berlln' }, /^FieldValueInvalid spec\.timeZone: .*did you mean "Europe\/Berlin"\?$/],
    [{ timeZone: 'New York' }, /did you mean "America\/New_York"\?$/],
    [
      { missedRunPolicy: 'runonce' },
      /^FieldValueNotSupported spec\.missedRunPolicy: Unsupported value: "runonce": supported values: "Skip", "RunOnce", "RunAll"; did you mean "RunOnce"\?$/,
    ],
    [{ Timeout: '5m' }, /^FieldUnknown unknown field "spec\.Timeout"; did you mean "timeout"\?$/],
    [{ nonsense: 1 }, /^FieldUnknown unknown field "spec\.nonsense"$/],
    [{ suspend: 'yes' }, /^FieldValueTypeInvalid spec\.suspend: Invalid type: string: must be a boolean$/],
    [
      { description: 5 },
      /^FieldValueTypeInvalid spec\.description: Invalid type: number: must be a string; write "5" in quotes$/,
    ],
    [{ schedules: {} }, /^FieldValueTypeInvalid spec\.schedules: Invalid type: map: must be a list$/],
    [{ retry: { limit: 101 } }, /^FieldValueInvalid spec\.retry\.limit: Invalid value: 101: must be <= 100$/],
    [{ retry: { limit: 1.5 } }, /^FieldValueTypeInvalid spec\.retry\.limit: Invalid type: number: must be an integer$/],
    [{ cluster: 'EU' }, /^FieldValueInvalid spec\.cluster: Invalid value: "EU": must consist of lower-case/],
    [
      { description: 'x'.repeat(1025) },
      /^FieldValueTooLong spec\.description: Too long: may not have more than 1024 characters$/,
    ],
    [{ run: { command: [] } }, /^FieldValueRequired spec\.run\.command: Required value: must not be empty$/],
    [
      { run: { command: null } },
      /^FieldValueTypeInvalid spec\.run\.command: Invalid type: null: null is not allowed; omit the field$/,
    ],
  ];
  for (const [spec, sentence] of table) {
    const found = said(validateObject(task(spec)));
    t.equal(found.length, 1, JSON.stringify(spec).slice(0, 60));
    t.match(found[0], sentence);
  }
});

t.test('rules between fields (A-20)', async (t) => {
  const table: readonly [Record<string, unknown>, RegExp][] = [
    [{ run: {} }, /^FieldValueRequired spec\.run: Required value: one of command and script must be given$/],
    [
      { run: { command: ['a'], script: 'b' } },
      /^FieldValueForbidden spec\.run\.script: Forbidden: may not be given together with command$/,
    ],
    [
      { run: { command: ['a'], interpreter: ['b'] } },
      /^FieldValueForbidden spec\.run\.interpreter: Forbidden: goes with script only$/,
    ],
    [
      { run: { command: ['a'] }, maxRuns: 3, partitionPolicy: 'Continue' },
      /^FieldValueForbidden spec\.maxRuns: Forbidden: may not be given together with partitionPolicy Continue/,
    ],
    [
      { run: { command: ['a'] }, maxConcurrentRuns: 3 },
      /^FieldValueForbidden spec\.maxConcurrentRuns: Forbidden: goes with concurrencyPolicy Allow and Queue only$/,
    ],
    [
      { run: { command: ['a'] }, concurrencyPolicy: 'Allow', maxConcurrentRuns: 0 },
      /spec\.maxConcurrentRuns: .*must be >= 1$/,
    ],
    [
      { run: { command: ['a'] }, retry: { agent: 'Other' }, placement: { mode: 'EveryAgent' } },
      /^FieldValueForbidden spec\.retry\.agent: Forbidden: may not be Other with placement\.mode EveryAgent/,
    ],
    [
      { run: { command: ['a'], env: [{ name: 'CTASK_X', value: '' }] } },
      /spec\.run\.env\[0\]\.name: .*CTASK_ are reserved$/,
    ],
    [
      {
        run: {
          command: ['a'],
          env: [
            { name: 'X', value: '' },
            { name: 'X', value: '' },
          ],
        },
      },
      /^FieldValueDuplicate spec\.run\.env\[1\]\.name: Duplicate value: "X"$/,
    ],
    [
      { placement: { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
      /values: .*must not be empty when operator is In$/,
    ],
    [
      { placement: { selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] } } },
      /may not be given when operator is Exists$/,
    ],
    [
      { placement: { selector: { matchLabels: { '-a': 'x' } } } },
      /^FieldValueInvalid spec\.placement\.selector\.matchLabels/,
    ],
  ];
  for (const [spec, sentence] of table) {
    const found = said(validateObject(task(spec)));
    t.equal(found.length, 1, JSON.stringify(spec));
    t.match(found[0], sentence);
  }
  t.strictSame(said(validateObject(task({}, { name: 'a'.repeat(52) }))), []);
  t.match(said(validateObject(task({}, { name: 'a'.repeat(53) }))), [/metadata\.name: .*more than 52 characters$/]);
});

t.test('schedules', async (t) => {
  t.match(withSchedule({}), [
    /^FieldValueRequired spec\.schedules\[0\]: Required value: one of cron, every and at must be given$/,
  ]);
  t.match(withSchedule({ cron: '0 0 * * *', every: '5s' }), [
    /schedules\[0\]\.every: Forbidden: may not be given together with cron$/,
  ]);
  t.match(withSchedule({ cron: '0 0 * * *', anchor: '2026-01-01T00:00:00Z' }), [
    /anchor: Forbidden: goes with every only$/,
  ]);
  t.match(withSchedule({ every: '500ms' }), [/must be at least 1s$/]);
  t.match(withSchedule({ every: '1s500ms' }), [/must be whole seconds$/]);
  t.match(withSchedule({ cron: '0 0/7 * * *' }), [/write "0-23\/7"$/]);
  t.match(withSchedule({ at: '2026-12-24' }), [/must be an instant with an offset/]);
  t.match(withSchedule({ at: '2026-02-29T00:00:00Z' }), [/must be an instant/]);
  t.match(withSchedule({ at: '2016-12-31T23:59:60Z' }), [/must be an instant/], 'a leap second is no instant');
  const window = { startTime: '2026-03-02T00:00:00Z', endTime: '2026-03-01T00:00:00Z' };
  t.match(withSchedule({ every: '5s', ...window }), [/endTime: .*must not be before startTime$/]);
  const hours = { from: '09:00', to: '17:30' };
  t.match(withSchedule({ at: '2026-12-24T00:00:00Z', window: hours }), [
    /window: .*may not be given together with at$/,
  ]);
  t.match(withSchedule({ every: '1h', window: { from: '9:00', to: '24:00' } }), [
    /from: .*must be a time of day/,
    /to: .*from "00:00" to "23:59"$/,
  ]);
  t.match(withSchedule({ every: '1h', window: { ...hours, weekdays: ['Monday'] } }), [
    /supported values: "Mon", "Tue"/,
  ]);
  t.match(withSchedule({ cron: '0 * * * *', window: { ...hours, restart: true } }), [
    /restart: .*goes with every only$/,
  ]);
  const restart = { every: '1h', anchor: '2026-01-01T00:00:00Z', window: { ...hours, restart: true } };
  t.match(withSchedule(restart), [/anchor: .*has no effect with window.restart$/]);
  t.match(withSchedule({ cron: '0 8 * * *', interval: { from: '2026-01-05' } }), [/one of days, weeks and months/]);
  t.match(withSchedule({ cron: '0 8 * * *', interval: { days: 2, weeks: 2, from: '2026-01-05' } }), [
    /interval.weeks: .*together with days$/,
  ]);
  t.match(withSchedule({ cron: '0 8 * * *', interval: { days: 0, from: '2026-02-29' } }), [/>= 1$/, /must be a date/]);
  t.match(withSchedule({ cron: '0 8 * * *', interval: { days: 2 } }), [/interval.from: Required value$/]);
  const two = said(
    validateObject(task({ schedules: [{ every: '5s' }, { every: '6s' }, { name: 'default', every: '7s' }] })),
  );
  t.match(two, [
    /schedules\[1\]\.name: Required value: every schedule but one needs a name/,
    /schedules\[2\]\.name: Duplicate value/,
  ]);
});

t.test('a schedule that never fires is refused, one that is over is a warning (A-29)', async (t) => {
  t.match(withSchedule({ cron: '0 0 30 2 *' }), [/never fires; no date from 1970 to 2199 matches it$/]);
  t.match(withSchedule({ cron: '0 0 0 30 12 * 2011', timeZone: 'Pacific/Apia' }), [/never fires in its time zone$/]);
  const evening = { window: { from: '18:00', to: '20:00' } };
  t.match(withSchedule({ cron: '0 8 * * *', ...evening }), [/cron: .*never fires within its window$/]);
  const monday = { interval: { weeks: 1, from: '2026-01-05' }, endTime: '2026-01-01T00:00:00Z' };
  t.match(withSchedule({ cron: '0 8 * * *', ...monday }), [
    /never fires within its interval between startTime and endTime$/,
  ]);
  const day = { startTime: '2026-03-01T12:00:00Z', endTime: '2026-03-01T13:00:00Z' };
  t.match(withSchedule({ cron: '0 0 * * *', ...day }), [/never fires between startTime and endTime$/]);
  const now = Date.parse('2026-11-22T00:00:00Z');
  const over = validateObject(
    task({ schedules: [{ at: '2020-01-01T00:00:00Z' }, { name: 'b', cron: '0 0 0 1 1 * 2021' }] }),
    { now },
  );
  t.ok(over.object);
  t.strictSame(over.causes, []);
  t.match(over.warnings, [{ field: 'spec.schedules', message: /all time points lie in the past/ }]);
  t.strictSame(validateObject(task({ schedules: [{ at: '2027-01-01T00:00:00Z' }] }), { now }).warnings, []);
  t.strictSame(validateObject(task(), { now }).warnings, [], 'a task without schedules runs on demand');
  const twice = { schedules: [{ cron: '0 2 * * *' }, { name: 'b', every: '5s' }, { name: 'c', cron: '0 2 * * *' }] };
  t.match(validateObject(task(twice)), {
    object: { kind: 'Task' },
    warnings: [{ field: 'spec.schedules[2]', message: /the same as spec\.schedules\[0\]; it adds no time point$/ }],
  });
});

t.test('a suspension that ends', async (t) => {
  t.match(validateObject(task({ suspendUntil: '2027-01-01T00:00:00Z', suspendReason: 'move' })), {
    ...{ object: { kind: 'Task' }, causes: [], warnings: [] },
  });
  t.match(validateObject(task({ suspend: true, suspendUntil: '2027-01-01T00:00:00Z' })), {
    warnings: [{ field: 'spec.suspendUntil', message: /no effect while spec\.suspend is true/ }],
  });
  t.match(said(validateObject(task({ suspendUntil: '2h', suspendReason: 'a\nb' }))), [
    /spec\.suspendUntil: .*must be an instant with an offset/,
    /spec\.suspendReason: .*must be one line/,
  ]);
});

t.test('a field that another one makes needless is refused with what to write', async (t) => {
  const { causes } = validateObject(task({ run: { package: { name: 'tool' }, entrypoint: 'bin/tool' } }));
  t.match(
    causes.find(({ field }) => field === 'spec.run.entrypoint'),
    { reason: 'FieldValueForbidden', message: /"spec\.run\.entrypoint" does not exist: .*command: \["\.\/bin\/tool"/ },
  );
});

t.test('unknown fields, as strictly as asked (A-28)', async (t) => {
  const manifest = task({ command: ['x'], ['x'.repeat(500)]: 1 });
  const strict = validateObject(manifest);
  t.match(said(strict), [
    /unknown field "spec\.command"; did you mean "spec\.run\.command"\?$/,
    /unknown field "spec\["x{97}\.\.\."\]"$/,
  ]);
  const warned = validateObject(manifest, { fieldValidation: 'Warn' });
  t.strictSame(warned.warnings, strict.causes);
  t.notOk('command' in (warned.object?.spec ?? { command: 1 }));
  const ignored = validateObject(manifest, { fieldValidation: 'Ignore' });
  t.strictSame(ignored, { object: validateObject(task()).object, causes: [], warnings: [] });
});

t.test('the head of a document', async (t) => {
  t.match(said(validateObject(null)), [/must be a map/]);
  t.match(said(validateObject([])), [/must be a map/]);
  t.match(said(validateObject({})), [/apiVersion: Required value/, /kind: Required value/]);
  t.match(said(validateObject({ ...task(), apiVersion: 'cloudtask.dev/v2' })), [
    /apiVersion: Unsupported value: "cloudtask.dev\/v2": supported values: "cloudtask.dev\/v1"; did you mean/,
  ]);
  t.match(said(validateObject({ ...task(), kind: 'Run' })), [/written by CloudTask itself/]);
  t.ok(
    said(validateObject({ ...task(), kind: 'Run' }, { systemKinds: true })).every(
      (text) => !text.includes('written by CloudTask'),
    ),
  );
});

t.test('every applicable kind has a smallest manifest', async (t) => {
  const binding = { role: 'viewer', subjects: [] };
  const smallest: Record<string, object> = {
    Package: { digest: `sha256:${'0'.repeat(64)}` },
    Calendar: { weekdays: ['Sun'] },
    Notifier: { webhook: { url: 'https://hooks.example.com' } },
    RoleBinding: binding,
    ClusterRoleBinding: binding,
  };
  for (const row of kinds.filter((candidate) => candidate.applicable && candidate.kind !== 'Task')) {
    const { object, causes } = validateObject({
      apiVersion: 'cloudtask.dev/v1',
      kind: row.kind,
      metadata: { name: 'a' },
      spec: smallest[row.kind] ?? {},
    });
    t.strictSame(causes, [], row.kind);
    t.equal(object?.kind, row.kind);
  }
});

t.test('a spec without required fields may be left out', async (t) => {
  const meta = { apiVersion: 'cloudtask.dev/v1', metadata: { name: 'team' } };
  t.match(validateObject({ ...meta, kind: 'Namespace' }), { causes: [], object: { spec: {} } });
  t.match(validateObject({ ...meta, kind: 'Cluster' }), { causes: [] });
  t.match(said(validateObject({ ...meta, kind: 'Task' })), [/spec: Required value/]);
});

t.test('calendars', async (t) => {
  const calendar = (spec: object) =>
    said(validateObject({ apiVersion: 'cloudtask.dev/v1', kind: 'Calendar', metadata: { name: 'a' }, spec }));
  t.strictSame(calendar({ weekdays: ['Sat'], dates: ['2026-04-03', '12-24/01-01'], timeZone: 'Asia/Tokyo' }), []);
  t.match(calendar({}), [/spec: Required value: one of dates and weekdays must be given/]);
  t.match(calendar({ dates: ['2026-02-30'], weekdays: ['Saturday'] }), [
    /spec\.weekdays\[0\]: Unsupported value: "Saturday": supported values: "Mon"/,
    /spec\.dates\[0\]: Invalid value: "2026-02-30": there is no 2026-02-30$/,
  ]);
  for (const [date, fault] of [
    ['02-30', 'there is no 02-30'],
    ['12-24/13-01', 'there is no 13-01'],
    ['2027-01-01/2026-12-24', 'it ends before it begins'],
    ['2026-12-24/01-01', 'both dates must have a year, or neither'],
    ['1969-01-01', 'the year must be 1970 to 2199'],
    ['12/25', 'must be a date or two with "/" between them, such as '],
  ]) {
    t.match(calendar({ dates: [date] }), [`spec.dates[0]: Invalid value: "${date}": ${fault}`]);
  }
});

t.test('schedules with calendars and suspended ones are well-formed whatever is left of them', async (t) => {
  const now = Date.parse('2026-06-01T00:00:00Z');
  const warned = (spec: Record<string, unknown>) => {
    const { causes, warnings } = validateObject(task(spec), { now });
    t.strictSame(causes, []);
    return warnings.map(({ message }) => message);
  };
  const at = '2026-12-25T00:00:00Z';
  const calendar = { exclude: ['holidays'] };
  t.strictSame(warned({ schedules: [{ at, calendar }], calendar }), [], 'what days it has is not known');
  const past = '2025-12-25T00:00:00Z';
  t.match(warned({ schedules: [{ at: past, calendar }] }), [/all time points lie in the past/]);
  t.strictSame(warned({ schedules: [{ at }, { name: 'b', every: '1h', suspend: true }] }), []);
  t.strictSame(
    warned({ schedules: [{ every: '1h', suspend: true }] }),
    [],
    'that nothing is due is what was asked for',
  );
  t.match(withSchedule({ cron: '0 0 30 2 *', suspend: true }), [/never fires/]);
});

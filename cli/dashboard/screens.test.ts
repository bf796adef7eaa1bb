// What whole screens look like, in three sizes. Read the golden files: they are the specification.
import t from 'tap';
import { type FedDashboard, openFed } from '../../test/support/fed-dashboard.js';
import { installation, object, task } from '../../test/support/fed-objects.js';
import { golden } from '../../test/support/golden.js';
import type { Resource } from '../client/discovery.js';
import type { ApiObject } from '../resources/api-object.js';
import { showContexts } from './actions/contexts.js';

const SIZES = [
  [80, 24],
  [120, 40],
  [60, 15],
] as const;

const NARROW = [44, 12] as const;

interface Scene {
  /** Names of keys; what begins with `:` and is longer is typed and entered. */
  readonly keys: readonly string[];
  /** `installation()` unless given. */
  readonly objects?: () => readonly ApiObject[];
  readonly protected?: true;
  readonly readOnly?: true;
  readonly kinds?: readonly Resource[];
  readonly narrow?: true;
  readonly after?: (fed: FedDashboard) => Promise<void> | void;
}

const SOURCES: Resource = {
  ...{ name: 'gitsources', singularName: 'gitsource', kind: 'GitSource', namespaced: true },
  verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
};

const sources = (): ApiObject[] => [
  object('GitSource', 'on-call-phone', { namespace: 'default', labels: { team: 'fin', tier: 'gold' } }),
  object('GitSource', 'smtp', { namespace: 'default', age: 3_600_000 }),
];

const thousand = (): ApiObject[] => [
  ...installation(),
  ...Array.from({ length: 1_200 }, (_, i) => task(`step-${String(i).padStart(4, '0')}`, { next: 60_000 + i * 7_000 })),
];

const deployment = (): ApiObject => {
  const parameters = [
    { name: 'region', required: true, values: ['eu', 'us', 'apac'], description: 'Where to.' },
    { name: 'count', type: 'Integer', default: '3', minimum: 1, maximum: 9, description: 'Machines at a time.' },
    { name: 'dry-run', type: 'Boolean', default: 'false' },
    { name: 'note', maxLength: 100 },
  ];
  const deploy = task('deploy');
  return { ...deploy, spec: { ...(deploy.spec as object), schedules: [], parameters } };
};

const CONTEXTS = [
  { name: 'local', server: 'http://127.0.0.1:7480', namespace: 'default' },
  { name: 'prod', server: 'https://ctask.example.com:6443', namespace: 'billing', current: true, protected: true },
  { name: 'prod-audit', server: 'https://ctask.example.com:6443', namespace: 'billing', readOnly: true },
].map((context) => ({ current: false, readOnly: false, protected: false, ...context }));

const REFUSAL =
  'the center refuses Task default/nightly-report: spec.schedules[0].cron "61 * * * *": minute must be 0-59; ' +
  '"ctask explain task.spec.schedules" says what it may be';

const SCENES: Readonly<Record<string, Scene>> = {
  tasks: { keys: [], narrow: true },
  'tasks-all': { keys: ['0'] },
  'tasks-empty': { keys: [], objects: () => [], narrow: true },
  'tasks-thousand': { keys: ['shift-g'], objects: thousand },
  'tasks-stale': { keys: [], narrow: true, after: goStale },
  'tasks-protected': { keys: [], protected: true, readOnly: true, narrow: true },
  runs: { keys: [':ru'], narrow: true },
  'runs-of-task': { keys: ['shift-g', 'k', 'k', 'enter'] },
  'runs-of-task-empty': { keys: ['shift-g', 'enter'] },
  'runs-of-agent': { keys: [':ag', 'enter'], narrow: true },
  agents: { keys: [':ag'], narrow: true },
  clusters: { keys: [':cl'] },
  events: { keys: [':ev'], narrow: true },
  namespaces: { keys: [':ns'] },
  contexts: { keys: [], after: ({ dashboard }) => showContexts(dashboard, CONTEXTS), narrow: true },
  generic: { keys: [':gitsources'], kinds: [SOURCES], objects: () => [...installation(), ...sources()] },
  'generic-empty': { keys: [':gitsources'], kinds: [SOURCES] },
  help: { keys: ['?'] },
  'pulses-screen': { keys: [':pulses'] },
  'timeline-screen': { keys: [':timeline'] },
  'xray-open': { keys: [':xray', 'j', 'j', 'j', 'j', 'enter'] },
  'doctor-screen': { keys: ['0', 'i'] },
  next: { keys: ['x'] },
  'delete-dialog': { keys: ['ctrl-d'] },
  'delete-many-dialog': {
    ...{ keys: ['space', 'shift-g', 'ctrl-space', 'ctrl-d'], objects: thousand },
    ...{ protected: true, narrow: true },
  },
  'cancel-dialog': { keys: [':ru', 'ctrl-k'], narrow: true },
  'drain-dialog': { keys: [':ag', 'r'] },
  'suspend-dialog': { keys: ['space', 'space', 's'] },
  'trigger-dialog': { keys: ['t'] },
  'trigger-parameters': { keys: ['t'], objects: () => [deployment()], narrow: true },
  'trigger-wrong-value': { keys: ['t', 'tab', 'x'], objects: () => [deployment()] },
  command: { keys: [':', 'r', 'u'] },
  'command-empty': { keys: [':'] },
  refusal: { keys: [], after: ({ dashboard }) => dashboard.say(REFUSAL, 'error') },
};

/** Of what was due meanwhile nobody here knows whether it ran. */
async function goStale({ source, clock }: FedDashboard): Promise<void> {
  source.stale = clock.now();
  await clock.advance(112_000);
}

for (const [name, scene] of Object.entries(SCENES)) {
  t.test(`the screen of ${name}`, async (t) => {
    for (const [columns, rows] of scene.narrow === undefined ? SIZES : [...SIZES, NARROW]) {
      const { keys, objects = installation, after, narrow: _narrow, ...options } = scene;
      const fed = await openFed(t, { columns, rows, objects: objects(), namespace: 'default', ...options });
      for (const key of keys) {
        if (key.length < 2 || !key.startsWith(':')) await fed.terminal.press(key);
        else {
          await fed.terminal.type(key);
          await fed.terminal.press('enter');
        }
      }
      await after?.(fed);
      await fed.terminal.settle();
      golden(t, `ui/${name}-${columns}x${rows}.txt`, fed.terminal.text());
    }
  });
}

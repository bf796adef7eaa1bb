// Whatever anybody sends to any route: never a 500, never a failure that is not a Status, never a stack trace. The routes come from
// the table itself, so a new one is in it from its first day.
import fc from 'fast-check';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { API, reportOf, startApi, type TestApi, taskManifest } from '../../test/support/api.js';
import { Authenticator } from '../auth/index.js';
import { createApi, type Route } from './index.js';

/** Requests per route; the long form is for whoever changes the API's core. */
const REQUESTS = process.env.CTASK_TEST_LONG === '1' ? 2000 : 80;

const NAMES = ['default', 'none', 'a', 'x'.repeat(300), '..', '%2e%2e', '__proto__', 'A B', 'ünï', '%00', '-1', ''];
const QUERY_NAMES = [
  ...['limit', 'continue', 'labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'dryRun'],
  ...['fieldValidation', 'fieldManager', 'force', 'pretty', 'allowWatchBookmarks', 'attempt', 'offset', 'follow'],
  ...[
    'since',
    'tail',
    'stream',
    'create',
    'cluster',
    'propagationPolicy',
    'grep',
    'revision',
    'after',
    'format',
    'user',
    'kind',
    'verb',
    '__proto__',
    'nonsense',
  ],
];
const CONTENT_TYPES = [
  ...[
    'application/json',
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
  ],
  ...['application/strategic-merge-patch+json', 'application/vnd.cloudtask.log-chunks', 'text/plain', 'nonsense'],
];

const word = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 20 }));
const queryValue = fc.oneof(
  fc.constantFrom('', '0', '1', '-1', 'true', 'All', 'Strict', 'Warn', '1e9', 'a=b', 'a in (b', 'eyJ9', '999999999999'),
  fc.string({ maxLength: 20 }),
);
const query = fc.array(fc.tuple(fc.constantFrom(...QUERY_NAMES), queryValue), { maxLength: 3 });

/** Manifests with one part of them replaced by anything: most get far into the server. */
const bent = fc
  .tuple(fc.constantFrom('Task', 'Namespace', 'Cluster', 'Agent', 'Run', 'Event', 'Nothing'), fc.anything(), fc.nat(7))
  .map(([kind, value, place]) => {
    const object: Record<string, unknown> = { ...taskManifest('a'), kind };
    const json = jsonOf(value);
    if (place === 0) object.metadata = json;
    else if (place === 1) object.spec = json;
    else if (place === 2) object.metadata = { name: 'a', labels: json };
    else if (place === 3) object.spec = { schedules: json };
    else if (place === 4) object.spec = { run: { command: json } };
    else if (place === 5) object.metadata = { name: json, resourceVersion: json };
    else if (place === 6) object.apiVersion = json;
    return object;
  });
const patch = fc.array(
  fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'nonsense'),
    path: fc.constantFrom('/spec', '/spec/schedules/0', '/metadata/name', '/metadata/labels/-', '', '/~2', 'spec'),
    from: fc.constantFrom('/spec', '/none', ''),
    value: fc.anything().map(jsonOf),
  }),
  { maxLength: 3 },
);
const body = fc.oneof(
  bent,
  bent.map((object) => ({ objects: [object, object] })),
  fc.array(bent, { maxLength: 3 }).map((objects) => ({ objects, dryRun: true })),
  patch,
  fc.anything().map(jsonOf),
  fc.record({ args: fc.anything().map(jsonOf), env: fc.anything().map(jsonOf) }),
  fc.string({ maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
);

/** What JSON can say of it. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null');
  } catch {
    return null; // it contains itself
  }
}

const HEADER_VALUES = [
  '',
  'viewer',
  'agent',
  'admin',
  'nobody',
  'a b',
  'cloudtask:editor,x',
  'x'.repeat(300),
  ',',
  '<>',
  '-',
];
const headers = fc.dictionary(
  fc.constantFrom('impersonate-user', 'impersonate-group', 'x-request-id'),
  fc.constantFrom(...HEADER_VALUES),
  { maxKeys: 2 },
);

interface Request {
  readonly names: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly type: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const request: fc.Arbitrary<Request> = fc.record({
  names: fc.array(word, { minLength: 4, maxLength: 4 }),
  query,
  type: fc.oneof({ weight: 4, arbitrary: fc.constant('application/json') }, fc.constantFrom(...CONTENT_TYPES)),
  body,
  headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, headers),
});

async function verdictOf(api: TestApi, { method, path }: Route, sent: Request): Promise<string | undefined> {
  const names = [...sent.names];
  const place = path.replace(/:(\w+)/g, (_, name) => encoded(name === 'namespace' ? 'default' : (names.pop() ?? 'a')));
  // A followed log or a watch stays open by design; these have tests of their own.
  const text = sent.query
    .filter(([name]) => name !== 'follow')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const raw = sent.body instanceof Uint8Array ? sent.body : JSON.stringify(sent.body);
  const answer = await api.request(method, `${place}?${text}`, {
    headers: { ...sent.headers, ...(method === 'GET' ? {} : { 'content-type': sent.type }) },
    ...(method === 'GET' ? {} : { body: raw }),
  });
  if (answer.status >= 500) return `status ${answer.status}: ${answer.text}`;
  if (/\n\s+at |node_modules|\.ts:\d/.test(answer.text)) return `a stack trace: ${answer.text}`;
  if (answer.status < 300) return undefined;
  const { kind, status, code, reason, message } = answer.json ?? {};
  const isStatus = kind === 'Status' && status === 'Failure' && code === answer.status && reason && message;
  return isStatus ? undefined : `status ${answer.status} without a Status: ${answer.text}`;
}

/** A URL takes dots of its own for a step upwards; everything else arrives as it is. */
function encoded(name: string): string {
  return name === '' || name === '.' || name === '..' ? '%20' : encodeURIComponent(name).replace(/%25/g, '%');
}

t.test('no request to any route makes the server fail (A-19)', async (t) => {
  const api = await startApi(t);
  const auth = new Authenticator({ store: api.store, clock: systemClock });
  const { routes } = createApi({ store: api.store, auth, clock: systemClock, log: silentLogger });
  const [task] = await api.apply(taskManifest('a'));
  await api.store.acceptReports('a', [reportOf(task as never, Date.UTC(2026, 0, 1))]);
  for (const route of routes.filter(({ verb, path }) => verb !== 'watch' && !isStream(path))) {
    const found = await fc.check(
      fc.asyncProperty(request, async (sent) => {
        const wrong = await verdictOf(api, route, sent);
        if (wrong !== undefined) throw new Error(wrong);
      }),
      { numRuns: REQUESTS, seed: 4, endOnFailure: false },
    );
    t.notOk(found.failed, `${route.method} ${route.path}`, {
      request: JSON.stringify(found.counterexample),
      error: String(found.errorInstance),
    });
  }
  t.equal((await api.request('GET', `${API}/tasks`)).status, 200, 'and it goes on');
});

/** Agents listen here for requests; the answer stays open. */
function isStream(path: string): boolean {
  return path.endsWith('/requests');
}

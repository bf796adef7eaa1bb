// Every route against every role, everywhere and in one namespace: asked of the API itself, and held against what the roles are
// for, said here in other words than in the code.
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { accessVerbs, builtInRoles, kinds } from '../../manifests/index.js';
import { API, startApi } from '../../test/support/api.js';
import { accessObject, addUser } from '../../test/support/api-users.js';
import { Authenticator } from '../auth/index.js';
import { createApi } from './index.js';
import type { Route } from './route.js';

const LEVELS = ['none', ...builtInRoles] as const;
type Level = (typeof LEVELS)[number];

const READS = /^(get|list|watch|log|why|timepoints|download)$/;
const RUNS = /^(run|cancel|retry|backfill|suspend|resume)$/;
const WRITES = /^(create|update|patch|apply|delete|undelete|undo|upload|switch|test)$/;

/** Read by administrators alone, unless a role says otherwise. */
const ADMINS = [
  ...[`${API}/auditentries`, `${API}/diagnosis`],
  ...[`${API}/diagnosis/log`, `${API}/diagnosis/agents/:name/log`],
];

function isNamespaced({ kind }: Route): boolean {
  return kinds.some((row) => row.kind === kind && row.namespaced);
}

/** The least role that may use the route, where it is bound for what the route is about. */
function least(route: Route): Level {
  const { role, verb, kind } = route;
  // Whoever is known; what is applied is looked at one by one.
  if (role === 'self' || route.path === `${API}/apply`) return 'none';
  if (role === 'agent' || kind === 'Token' || ADMINS.includes(route.path)) return 'admin';
  if (role === 'read' && READS.test(verb)) return 'viewer';
  if (RUNS.test(verb) && (kind === 'Task' || kind === 'Run')) return 'operator';
  if (WRITES.test(verb) && isNamespaced(route) && kind !== 'RoleBinding') return 'editor';
  return 'admin';
}

/** Whether a role that is bound in the namespace of the request alone is of use. */
function countsInNamespace(route: Route): boolean {
  const { path, verb, kind } = route;
  if (path.includes(':namespace')) return true;
  // Of all namespaces, those that may be read are shown.
  if (verb === 'list' && (isNamespaced(route) || kind === 'Namespace')) return true;
  if (path === `${API}/audit`) return true;
  return kind === 'Namespace' && route.method === 'GET';
}

t.test('route x role', async (t) => {
  const api = await startApi(t);
  await api.apply(accessObject('Namespace', 'team', {}), accessObject('Namespace', 'other', {}));
  const subjects: { level: Level; in?: string; token: string }[] = [];
  for (const level of LEVELS) {
    if (level === 'none') subjects.push({ level, token: (await addUser(api, 'nobody')).token });
    else {
      subjects.push({ level, token: (await addUser(api, level, { role: level })).token });
      const { token } = await addUser(api, `${level}-of-team`, { role: level, namespace: 'team' });
      subjects.push({ level, in: 'team', token });
    }
  }
  const auth = new Authenticator({ store: api.store, clock: systemClock });
  const { routes } = createApi({ store: api.store, auth, clock: systemClock, log: silentLogger });
  let asked = 0;
  for (const route of routes) {
    const { method, path } = route;
    // They end the session, or are tested with a body of theirs.
    if (path.startsWith('/auth/') || route.role === 'none') continue;
    const least_ = least(route);
    for (const namespace of path.includes(':namespace') ? ['team', 'other'] : ['team']) {
      // A Namespace is read by those who may read in it.
      const name = route.kind === 'Namespace' && method === 'GET' ? namespace : 'x';
      const url = path
        .replace(':namespace', namespace)
        .replace(':name', name)
        .replace(/:(\w+)/g, '1');
      for (const { level, in: own, token } of subjects) {
        const reaches = own === undefined || least_ === 'none' || (own === namespace && countsInNamespace(route));
        const may = reaches && LEVELS.indexOf(level) >= LEVELS.indexOf(least_);
        // These stay open.
        if (may && route.role === 'agent') continue;
        const { status, json } = await api.request(method, url, { token });
        const refused = status === 403 && json.reason === 'Forbidden' && / may not /.test(json.message);
        asked += 1;
        if (refused === may || status === 401) t.fail(`${method} ${url} as ${level} ${own ?? ''}: ${status}`);
      }
    }
  }
  t.ok(asked > 1000, `${asked} requests`);
  const verbs = routes.filter(({ role }) => role === 'admin' || role === 'read').map(({ verb }) => verb);
  t.same(
    [...new Set(verbs)].filter((verb) => !accessVerbs.includes(verb)),
    [],
    'roles can name every verb',
  );
});

t.test('without a token every route answers the same', async (t) => {
  const api = await startApi(t);
  const auth = new Authenticator({ store: api.store, clock: systemClock });
  const { routes } = createApi({ store: api.store, auth, clock: systemClock, log: silentLogger });
  const answers = new Set<string>();
  for (const { method, path, role } of routes) {
    if (role === 'none') continue;
    const url = path.replace(':namespace', 'default').replace(/:(\w+)/g, 'x');
    const { status, text } = await api.request(method, url, { token: null });
    answers.add(`${status} ${text}`);
  }
  answers.add(await api.request('GET', '/nowhere', { token: null }).then(({ status, text }) => `${status} ${text}`));
  t.equal(answers.size, 1, [...answers].join('\n'));
});

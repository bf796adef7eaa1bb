// Who one is, and what one may do: answered from the table of routes and by the function that requests are held against.
import {
  API_VERSION,
  accessOnlyKinds,
  allowedNamespaces,
  builtInRoles,
  builtInRules,
  type KindRow,
  kinds,
} from '../../../manifests/index.js';
import { type KnownSubject, mayUse, type Permission } from '../../auth/index.js';
import { bad, oneOf, type Query, queryOf } from '../request-options.js';
import { type Requester, requireMay } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

type Role = Route['role'];

export function selfSubjectRoutes(_context: ApiContext, routes: () => readonly Route[]): Route[] {
  return [
    {
      ...{ method: 'GET', path: `${GROUP_PATH}/selfsubject`, verb: 'get', role: 'self', beforePassword: true },
      summary: 'Read who sends the request and what that subject may do, in a `namespace` or anywhere',
      handle: async (request, _reply, user) => {
        const query = queryOf(request);
        const subject = subjectOf(query, user!);
        const { owner } = user?.identity ?? {};
        const uid = owner === undefined || owner.kind === 'File' || query.as !== undefined ? {} : { uid: owner.uid };
        const userInfo = { username: subject.subject, ...uid, groups: subject.groups };
        return {
          ...{ kind: 'SelfSubjectReview', apiVersion: API_VERSION },
          status: {
            userInfo,
            ...(query.as === undefined ? credentialOf(user) : {}),
            rules: rulesOf(subject, routes(), query.namespace),
          },
        };
      },
    },
    {
      ...{ method: 'GET', path: `${GROUP_PATH}/selfsubject/access`, verb: 'get', role: 'self' },
      summary:
        'Read whether that subject may use a `verb` on a `resource`, in a `namespace` or in all (`as`: one of the built-in roles instead)',
      handle: async (request, _reply, user) => {
        const query = queryOf(request);
        const subject = subjectOf(query, user!);
        const { verb = '', resource = '', namespace } = query;
        if (verb === '') throw bad('verb', 'it is missing');
        const rows = resource === '*' ? kinds : kinds.filter(({ plural }) => plural === resource);
        if (rows.length === 0) throw bad('resource', `there is no resource "${resource}"`);
        const allowed = rows.every((row) => allowsIn(subject, verb, row, routes(), namespace));
        const local = rows.every((row) => row.namespaced);
        const where = namespace === undefined || !local ? '' : ` in namespace "${namespace}"`;
        const reason =
          allowed || query.as !== undefined
            ? {}
            : { reason: `"${subject.subject}" may not ${verb} ${resource}${where}` };
        return {
          ...{ kind: 'SelfSubjectAccessReview', apiVersion: API_VERSION },
          spec: { verb, resource, ...(namespace === undefined ? {} : { namespace }) },
          status: { allowed, ...reason },
        };
      },
    },
  ];
}

/** What the request was sent with, so that people see it end: never the secret. */
function credentialOf(user: Requester | undefined): object {
  const { token, expires } = user?.identity ?? {};
  const end = expires === undefined ? {} : { expirationTime: new Date(expires).toISOString() };
  const credential = { ...(token === undefined ? {} : { token }), ...end };
  return Object.keys(credential).length === 0 ? {} : { credential };
}

/** Throws CT_FORBIDDEN for `as` of anybody who may not ask as others, CT_BAD_REQUEST for what is no built-in role. */
function subjectOf(query: Query, user: Requester): KnownSubject {
  const role = oneOf(query, 'as', builtInRoles);
  if (role === undefined) return user;
  requireMay(user, { verb: 'impersonate', kind: 'User' });
  const access = { grants: [builtInRules[role]] };
  return { subject: role, role: 'person', groups: [`cloudtask:${role}`], access };
}

/** Verbs that have no route of their own: an object is watched by the route that lists, and applied by the one for all kinds;
 * as another user any request may be sent. */
function verbsOf(row: KindRow, routes: readonly Route[]): Map<string, Role> {
  const verbs = new Map<string, Role>();
  for (const route of routes) if (route.kind === row.kind) verbs.set(route.verb, route.role);
  if (row.verbs.includes('watch')) verbs.set('watch', 'read');
  if (row.verbs.includes('apply')) verbs.set('apply', 'admin');
  if (row.kind === 'User') verbs.set('impersonate', 'admin');
  // The route asks nobody; making the tokens that it takes is a right.
  if (row.kind === 'Agent') verbs.set('join', 'admin');
  return verbs;
}

function permissionOf(verb: string, role: Role, { kind }: KindRow): Permission {
  return { role, verb, kind };
}

/** In the namespace, or in all of them. */
function allowsIn(
  subject: KnownSubject,
  verb: string,
  row: KindRow,
  routes: readonly Route[],
  namespace: string | undefined,
): boolean {
  const verbs = verbsOf(row, routes);
  if (verb === '*') return [...verbs.keys()].every((one) => allowsIn(subject, one, row, routes, namespace));
  const role = verbs.get(verb);
  if (role === undefined) return false;
  // A name makes it an act on one object, so that a list that would be narrowed counts as no.
  const target = { name: '', ...(row.namespaced ? { namespace } : {}) };
  return mayUse(subject, permissionOf(verb, role, row), target);
}

function allowsAnywhere(subject: KnownSubject, verb: string, role: Role, row: KindRow): boolean {
  if (mayUse(subject, permissionOf(verb, role, row), { name: '' })) return true;
  if (role === 'agent' || subject.role === 'agent') return false;
  return (
    (row.namespaced || row.kind === 'Namespace') &&
    allowedNamespaces(subject.access, { verb, kind: row.kind })?.length !== 0
  );
}

function rulesOf(subject: KnownSubject, routes: readonly Route[], namespace: string | undefined): object[] {
  const rules: object[] = kinds.map((row) => ({
    resources: [row.plural],
    verbs: [...verbsOf(row, routes)]
      .filter(([verb, role]) =>
        namespace === undefined
          ? allowsAnywhere(subject, verb, role, row)
          : allowsIn(subject, verb, row, routes, namespace),
      )
      .map(([verb]) => verb)
      .sort(),
  }));
  const others = [...othersOf(routes)].map(([plural, own]) => ({
    resources: [plural],
    verbs: own
      .filter(({ verb, role, about, perObject }) =>
        mayUse(
          subject,
          { ...{ role, verb, kind: about! }, ...(perObject && namespace === undefined ? { perObject } : {}) },
          { namespace },
        ),
      )
      .map(({ verb }) => verb)
      .sort(),
  }));
  const paths = routes.filter(({ kind, method, role }) => kind === undefined && method === 'GET' && role !== 'agent');
  const open = paths.map(({ path }) => path).filter((path) => !path.startsWith(GROUP_PATH));
  return [...rules, ...others, { nonResourceURLs: open.sort(), verbs: ['get'] }];
}

/** Routes about what is no kind and can be named in rules all the same, by the word of their paths. */
function othersOf(routes: readonly Route[]): Map<string, Route[]> {
  const others = new Map<string, Route[]>();
  for (const route of routes) {
    const { about, path } = route;
    if (about === undefined || !accessOnlyKinds.includes(about) || !path.startsWith(`${GROUP_PATH}/`)) continue;
    const plural = path.slice(GROUP_PATH.length + 1).split('/')[0]!;
    others.set(plural, [...(others.get(plural) ?? []), route]);
  }
  return others;
}

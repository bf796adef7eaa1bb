// Who one is, and what one may do: answered from the table of routes, which is what requests are held against.
import { CloudTaskError } from '../../../base/index.js';
import { API_VERSION, type KindRow, kinds } from '../../../manifests/index.js';
import { builtInRoles, mayUse, type SubjectRole } from '../../auth/index.js';
import { bad, oneOf, type Query, queryOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

type Subject = Pick<Requester, 'subject' | 'role' | 'groups'>;

export function selfSubjectRoutes(_context: ApiContext, routes: () => readonly Route[]): Route[] {
  return [
    {
      ...{ method: 'GET', path: `${GROUP_PATH}/selfsubject`, verb: 'get', role: 'self' },
      summary: 'Read who sends the request and what that subject may do',
      handle: async (request, _reply, user) => {
        const subject = subjectOf(queryOf(request), user!);
        const userInfo = { username: subject.subject, groups: subject.groups };
        return {
          ...{ kind: 'SelfSubjectReview', apiVersion: API_VERSION },
          status: { userInfo, rules: rulesOf(subject, routes()) },
        };
      },
    },
    {
      ...{ method: 'GET', path: `${GROUP_PATH}/selfsubject/access`, verb: 'get', role: 'self' },
      summary: 'Read whether that subject may use a `verb` on a `resource` (`as`: one of the built-in roles instead)',
      handle: async (request, _reply, user) => {
        const query = queryOf(request);
        const subject = subjectOf(query, user!);
        const { verb = '', resource = '' } = query;
        if (verb === '') throw bad('verb', 'it is missing');
        const rows = resource === '*' ? kinds : kinds.filter(({ plural }) => plural === resource);
        if (rows.length === 0) throw bad('resource', `there is no resource "${resource}"`);
        const allowed = rows.every((row) => allows(subject.role, verb, row, routes()));
        const reason =
          allowed || query.as !== undefined ? {} : { reason: `"${subject.subject}" may not ${verb} ${resource}` };
        return {
          ...{ kind: 'SelfSubjectAccessReview', apiVersion: API_VERSION },
          spec: { verb, resource },
          status: { allowed, ...reason },
        };
      },
    },
  ];
}

/** Throws CT_FORBIDDEN for `as` of anybody but an admin, CT_BAD_REQUEST for what is no built-in role. */
function subjectOf(query: Query, user: Requester): Subject {
  const role = oneOf(query, 'as', builtInRoles);
  if (role === undefined) return user;
  if (user.role !== 'admin') throw new CloudTaskError('CT_FORBIDDEN', `"${user.subject}" may not ask as somebody else`);
  return { subject: role, role, groups: [`cloudtask:${role}`] };
}

/** Verbs that have no route of their own: an object is watched by the route that lists, and applied by the one for all kinds. */
function verbsOf(row: KindRow, routes: readonly Route[]): Map<string, Route['role']> {
  const verbs = new Map<string, Route['role']>();
  for (const route of routes) if (route.kind === row.kind) verbs.set(route.verb, route.role);
  if (row.verbs.includes('watch')) verbs.set('watch', 'read');
  if (row.verbs.includes('apply')) verbs.set('apply', 'admin');
  return verbs;
}

function allows(subject: SubjectRole, verb: string, row: KindRow, routes: readonly Route[]): boolean {
  const verbs = verbsOf(row, routes);
  if (verb === '*') return [...verbs.keys()].every((one) => allows(subject, one, row, routes));
  const role = verbs.get(verb);
  return role !== undefined && mayUse(subject, { role, verb, namespaced: row.namespaced });
}

function rulesOf(subject: Subject, routes: readonly Route[]): object[] {
  const rules: object[] = kinds.map((row) => ({
    resources: [row.plural],
    verbs: [...verbsOf(row, routes).keys()].filter((verb) => allows(subject.role, verb, row, routes)).sort(),
  }));
  const paths = routes.filter(({ kind, method, role }) => kind === undefined && method === 'GET' && role !== 'agent');
  const open = paths.map(({ path }) => path).filter((path) => !path.startsWith(GROUP_PATH));
  return [...rules, { nonResourceURLs: open.sort(), verbs: ['get'] }];
}

import fc from 'fast-check';
import t from 'tap';
import { builtInRoles, builtInRules } from './built-in-roles.js';
import { type Access, allowedNamespaces, allows, allowsRunAs, type Grant, lacking, withinScope } from './grants.js';

const everywhere = (...grants: Grant[]): Access => ({ grants });

t.test('what the built-in roles may', async (t) => {
  /** Of viewer, operator, editor, admin: everywhere, and in the namespace alone. */
  const table: [verb: string, kind: string, may: string, inNamespace: string][] = [
    ['get', 'Task', 'yyyy', 'yyyy'],
    ['log', 'Run', 'yyyy', 'yyyy'],
    ['why', 'Task', 'yyyy', 'yyyy'],
    ['get', 'Agent', 'yyyy', 'yyyy'],
    ['get', 'Token', 'nnny', 'nnny'],
    ['list', 'AuditEntry', 'nnny', 'nnny'],
    ['get', 'Diagnosis', 'nnny', 'nnny'],
    ['log', 'Diagnosis', 'nnny', 'nnny'],
    ['get', 'Metrics', 'yyyy', 'yyyy'],
    ['run', 'Task', 'nyyy', 'nyyy'],
    ['cancel', 'Run', 'nyyy', 'nyyy'],
    ['apply', 'Task', 'nnyy', 'nnyy'],
    ['create', 'Secret', 'nnyy', 'nnyy'],
    ['create', 'RoleBinding', 'nnny', 'nnny'],
    ['apply', 'Cluster', 'nnny', 'nnny'],
    ['drain', 'Agent', 'nnny', 'nnny'],
    ['password', 'User', 'nnny', 'nnny'],
    ['impersonate', 'User', 'nnny', 'nnny'],
  ];
  const words = (yes: (role: (typeof builtInRoles)[number]) => boolean) =>
    builtInRoles.map((role) => (yes(role) ? 'y' : 'n')).join('');
  for (const [verb, kind, may, inNamespace] of table) {
    t.equal(
      words((role) => allows(everywhere(builtInRules[role]), { verb, kind })),
      may,
      `${verb} ${kind}`,
    );
    const local = (role: (typeof builtInRoles)[number]) => everywhere({ ...builtInRules[role], namespace: 'a' });
    t.equal(
      words((role) => allows(local(role), { verb, kind, namespace: 'a' })),
      inNamespace,
      `${verb} ${kind} in a`,
    );
    t.equal(
      words((role) => allows(local(role), { verb, kind, namespace: 'b' })),
      'nnnn',
      `${verb} ${kind} in b`,
    );
    t.equal(
      words((role) => allows(local(role), { verb, kind })),
      'nnnn',
      `${verb} ${kind} everywhere`,
    );
  }
});

t.test('a scope leaves less', async (t) => {
  const grants = [builtInRules.admin];
  const roleOf = (name: string) => builtInRules[name as 'viewer'];
  const within = (scope: Parameters<typeof withinScope>[0]): Access => {
    const left = withinScope(scope, roleOf);
    return { grants, ...(left === undefined ? {} : { within: left }) };
  };
  t.ok(allows(within(undefined), { verb: 'delete', kind: 'User' }));
  t.notOk(allows(within({ role: 'viewer' }), { verb: 'delete', kind: 'Task', namespace: 'a' }));
  t.ok(allows(within({ namespaces: ['a'] }), { verb: 'delete', kind: 'Task', namespace: 'a' }));
  t.notOk(allows(within({ namespaces: ['a'] }), { verb: 'delete', kind: 'Task', namespace: 'b' }));
  t.notOk(allows(within({ role: 'gone' }), { verb: 'get', kind: 'Task' }), 'a role that is gone leaves nothing');
  t.same(allowedNamespaces(within({ namespaces: ['b', 'a'] }), { verb: 'get', kind: 'Task' }), ['a', 'b']);
});

t.test('accounts', async (t) => {
  const role = { rules: [], runAs: ['www'] };
  t.ok(allowsRunAs(everywhere({ ...role, namespace: 'a' }), 'www', 'a'));
  t.notOk(allowsRunAs(everywhere({ ...role, namespace: 'a' }), 'www', 'b'));
  t.notOk(allowsRunAs(everywhere({ ...role, namespace: 'a' }), 'root', 'a'));
  t.notOk(allowsRunAs(everywhere({ ...role, namespace: 'a' }), 'www', undefined));
  t.ok(allowsRunAs(everywhere(builtInRules.admin), 'root', 'a'));
  t.notOk(
    allowsRunAs(everywhere({ ...builtInRules.admin, namespace: 'a' }), 'root', 'a'),
    'all accounts, but of no namespace alone',
  );
});

t.test('nobody gives what they do not have', async (t) => {
  const word = (...words: string[]) => fc.subarray(words, { minLength: 1 });
  const grant = fc.record({
    namespace: fc.constantFrom('a', 'b', undefined),
    rules: fc.array(fc.record({ verbs: word('get', 'run', '*'), kinds: word('Task', 'Run', '*') }), { maxLength: 2 }),
    runAs: fc.subarray(['www', 'root', '*']),
  }) as fc.Arbitrary<Grant>;
  const act = fc.record({
    verb: fc.constantFrom('get', 'run', 'drain'),
    kind: fc.constantFrom('Task', 'Run', 'User'),
    namespace: fc.constantFrom('a', 'b', 'c', undefined),
  });
  fc.assert(
    fc.property(
      fc.array(grant, { maxLength: 3 }),
      fc.option(fc.array(grant, { maxLength: 2 })),
      grant,
      act,
      (own, scope, given, wanted) => {
        const access: Access = { grants: own, ...(scope === null ? {} : { within: scope }) };
        if (lacking(access, given) !== undefined) return true;
        // Whatever is allowed with it was allowed without it.
        if (!allows({ grants: [given] }, wanted)) return true;
        return allows(access, wanted);
      },
    ),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.array(grant, { maxLength: 3 }), grant, fc.constantFrom('a', 'b', 'c'), (own, given, namespace) => {
      if (lacking({ grants: own }, given) !== undefined) return true;
      return ['www', 'root', 'other'].every(
        (account) =>
          !allowsRunAs({ grants: [given] }, account, namespace) || allowsRunAs({ grants: own }, account, namespace),
      );
    }),
    { numRuns: 5000 },
  );
  t.match(lacking({ grants: [{ ...builtInRules.admin, namespace: 'a' }] }, builtInRules.viewer), 'get Task');
  t.equal(
    lacking({ grants: [{ ...builtInRules.admin, namespace: 'a' }] }, { ...builtInRules.admin, namespace: 'a' }),
    undefined,
  );
});

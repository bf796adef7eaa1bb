import t from 'tap';
import { builtInRules, kinds } from '../../../manifests/index.js';
import { allowancesOfReview, allowancesOfRole, verbsByKind } from './allowances.js';

t.test('a role is a table of kinds and of what verbs are for', async (t) => {
  const rows = allowancesOfRole([
    { verbs: ['get', 'list', 'run'], kinds: ['Task', 'Run'] },
    { verbs: ['log'], kinds: ['Run'] },
  ]);
  t.same(rows, [
    { kind: 'Task', allowed: { read: ['get', 'list'], run: ['run'], change: [], manage: [] } },
    { kind: 'Run', allowed: { read: ['get', 'list', 'log'], run: ['run'], change: [], manage: [] } },
  ]);
  t.same(allowancesOfRole([]), []);
});

t.test('the roles that exist by themselves', async (t) => {
  const of = (role: keyof typeof builtInRules) =>
    new Map(allowancesOfRole(builtInRules[role].rules).map((row) => [row.kind, row.allowed]));
  t.match(of('viewer').get('Task'), { read: 'all', run: [], change: [] });
  t.equal(of('viewer').get('Token'), undefined);
  t.equal(of('viewer').get('AuditEntry'), undefined);
  t.match(of('operator').get('Task'), { read: 'all', run: 'all', change: [] });
  t.match(of('editor').get('Secret'), { read: 'all', change: 'all' });
  t.match(of('editor').get('User'), { read: 'all', change: [] });
  t.match(of('admin').get('AuditEntry'), { read: 'all', run: 'all', change: 'all', manage: 'all' });
});

t.test('where it is known what can be done with a kind, the verbs are named, and no others', async (t) => {
  const there = verbsByKind([
    { resources: ['tasks'], verbs: ['get', 'list', 'run', 'delete'] },
    { resources: ['runs'], verbs: ['log', 'cancel'] },
    { resources: ['secretskeys'], verbs: ['rotate'] },
    { resources: ['diagnosis'], verbs: ['get'] },
    ...kinds
      .map(({ plural }) => ({ resources: [plural], verbs: [] }))
      .filter(({ resources: [one] }) => !['tasks', 'runs'].includes(one!)),
    { resources: ['auditentries'], verbs: [] },
  ]);
  t.same(allowancesOfRole(builtInRules.operator.rules, there), [
    { kind: 'Task', allowed: { read: ['get', 'list'], run: ['run'], change: [], manage: [] } },
    { kind: 'Run', allowed: { read: ['log'], run: ['cancel'], change: [], manage: [] } },
    { kind: 'Metrics', allowed: { read: ['get'], run: [], change: [], manage: [] } },
  ]);
  t.same(
    allowancesOfRole(builtInRules.admin.rules, there).map(({ kind, allowed }) => [
      kind,
      allowed.change,
      allowed.manage,
    ]),
    [
      ['Task', ['delete'], []],
      ['Run', [], []],
      ['Diagnosis', [], []],
      ['Metrics', [], []],
      ['SecretsKey', [], ['rotate']],
    ],
  );
});

t.test('a review names plurals, and kinds that have no objects', async (t) => {
  t.same(
    allowancesOfReview([
      { resources: ['tasks'], verbs: ['list', 'run'] },
      { resources: ['users'], verbs: [] },
      { resources: ['auditentries'], verbs: ['list'] },
      { resources: ['secretskeys'], verbs: ['rotate'] },
      { verbs: ['get'] },
    ]),
    [
      { kind: 'Task', allowed: { read: ['list'], run: ['run'], change: [], manage: [] } },
      { kind: 'AuditEntry', allowed: { read: ['list'], run: [], change: [], manage: [] } },
      { kind: 'SecretsKey', allowed: { read: [], run: [], change: [], manage: ['rotate'] } },
    ],
  );
});

// All checks in their order. Nothing here writes anything, here or on the center.
import { messageOf } from '../../../base/index.js';
import type { Agent, Calendar, Cluster, Notifier } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { alarmsOf } from '../../resources/cluster-alarms.js';
import { type AskedCenter, askCenter } from './ask-center.js';
import { type Check, checksOf, type Verdict } from './check.js';
import { judgeAgents } from './judge-agents.js';
import { judgeCenter, judgeClocks, judgeCoordination, judgeDrift, judgeStore, judgeTasks } from './judge-center.js';
import { judgeAlarms, judgeCalendars, judgeNotifiers } from './judge-objects.js';

export interface Examination {
  readonly kind: 'Examination';
  readonly apiVersion: 'cloudtask.dev/v1';
  /** When it was made, by the clock of this machine. */
  readonly time: string;
  readonly client: { readonly version: string; readonly node: string; readonly platform: string };
  readonly summary: Readonly<Record<Verdict, number>>;
  readonly checks: readonly Check[];
  /** What the centers have said, by their addresses; for `ctask support-bundle`. */
  readonly centers: readonly AskedCenter[];
}

/** Groups in the order in which one thing needs the other. */
const GROUPS = [
  ...['Connection', 'Access', 'Clocks', 'Center', 'Store', 'Coordination', 'Drift'],
  ...['Agents', 'Tasks', 'Alarms', 'Calendars', 'Notifiers'],
];

/** Throws CT_CONFIG_INVALID when nothing names a center. */
export async function examine(deps: CliDeps): Promise<Examination> {
  const settings = await deps.settings();
  await deps.api(); // says what to do where none is configured
  const centers = await Promise.all(settings.servers.map((server) => askCenter(server, settings, deps)));
  const checks = centers.flatMap((center) => center.checks);
  for (const { server, diagnosis } of centers)
    if (diagnosis !== undefined) checks.push(...judgeCenter(server, diagnosis));
  // The leader knows best; any other one reads the same store and coordination.
  const best = centers.find(({ diagnosis }) => diagnosis?.center.leads) ?? centers.find((each) => each.diagnosis);
  checks.push(
    ...judgeInside(
      best,
      centers.some(({ refused }) => refused === true),
    ),
  );
  const asked = best ?? centers.find(({ api }) => api !== undefined);
  if (asked?.api !== undefined) checks.push(...(await judgeObjects(asked.api, asked, deps)));
  else checks.push(checksOf('Agents').unknown('registered', 'no center could be asked'));
  return examinationOf(checks, centers, deps);
}

export function examinationOf(
  checks: readonly Check[],
  centers: readonly AskedCenter[],
  deps: Pick<CliDeps, 'host' | 'clock'>,
): Examination {
  const sorted = GROUPS.flatMap((group) => checks.filter((check) => check.group === group));
  const count = (verdict: Verdict) => sorted.filter((check) => check.verdict === verdict).length;
  const { version, platform } = deps.host;
  return {
    ...{ kind: 'Examination', apiVersion: 'cloudtask.dev/v1', time: new Date(deps.clock.now()).toISOString() },
    client: { version, node: process.version, platform },
    summary: { ok: count('ok'), warn: count('warn'), fail: count('fail'), unknown: count('unknown') },
    checks: sorted,
    centers,
  };
}

function judgeInside(best: AskedCenter | undefined, refused: boolean): Check[] {
  const { diagnosis } = best ?? {};
  if (diagnosis === undefined) {
    const words = refused ? 'not allowed: see "inside" of Center' : 'no center could be asked';
    return ['Store', 'Coordination', 'Drift', 'Tasks'].map((group) => checksOf(group).unknown('inside', words));
  }
  const now = Date.parse(diagnosis.time);
  const { coordination } = diagnosis;
  return [
    ...judgeStore(diagnosis, now),
    ...judgeClocks(diagnosis, now),
    ...(coordination === undefined
      ? [checksOf('Coordination').unknown('session', 'the center has none')]
      : judgeCoordination(coordination)),
    ...judgeDrift(diagnosis),
    judgeTasks(diagnosis),
  ];
}

async function judgeObjects(api: Api, { diagnosis, version = '' }: AskedCenter, deps: CliDeps): Promise<Check[]> {
  const now = diagnosis === undefined ? deps.clock.now() : Date.parse(diagnosis.time);
  let listed: Promise<readonly Cluster[]> | undefined;
  const readClusters = () => (listed ??= listAll<Cluster>(api, resourcePath('clusters')).then(({ items }) => items));
  return [
    ...(await judged('Agents', async () => {
      const agents = (await listAll<Agent>(api, resourcePath('agents'))).items;
      const clusters = await readClusters();
      return judgeAgents({ agents, clusters, version, diagnosis, now });
    })),
    ...(await judged('Alarms', async () => {
      const clusters = await readClusters();
      const told: Awaited<ReturnType<typeof alarmsOf>>[] = [];
      for (const { metadata } of clusters) told.push(await alarmsOf(metadata.name, api));
      const checks = judgeAlarms(told, now);
      // Where nobody is to be told, that nobody was says nothing.
      const isAsked = clusters.some(({ spec }) => (spec.notify ?? []).length > 0);
      return isAsked ? checks : checks.filter(({ verdict }) => verdict === 'warn');
    })),
    ...(await judged('Calendars', async () =>
      judgeCalendars((await listAll<Calendar>(api, resourcePath('calendars'))).items, now),
    )),
    ...(await judged('Notifiers', async () =>
      judgeNotifiers((await listAll<Notifier>(api, resourcePath('notifiers'))).items),
    )),
  ];
}

/** What may not be read is not known; the rest is told all the same. */
async function judged(group: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    return [checksOf(group).unknown('read', messageOf(error))];
  }
}

// One center after another: how far one gets, and what it says of itself.
import { CloudTaskError, formatAge, isCloudTaskError, messageOf } from '../../../base/index.js';
import type { Diagnosis } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { connect } from '../../client/connect.js';
import { GROUP_PATH } from '../../client/paths.js';
import { reviewSelf } from '../../client/self-subject.js';
import type { Settings } from '../../client/settings.js';
import type { CliDeps } from '../../deps.js';
import { type Check, checksOf } from './check.js';
import { tooFarApart } from './judge-agents.js';
import { apartWords } from './judge-center.js';
import { reach } from './reach.js';

/** The date of an answer has no fractions of seconds. */
const DATE_STEP_MS = 1000;
const CLOCK_WARN_MS = 5000;
const DIAGNOSIS_MS = 180_000;
const TOKEN_WARN_MS = 7 * 86_400_000;

export interface AskedCenter {
  readonly server: string;
  readonly checks: readonly Check[];
  /** To ask for more with; absent where it answers nobody, or not this user. */
  readonly api?: Api;
  readonly version?: string;
  readonly diagnosis?: Diagnosis;
  /** It knows this user, who may not see inside. */
  readonly refused?: true;
}

/** A center with 100,000 tasks looks for a while; 0 is no limit. */
const patience = (timeoutMs: number) => (timeoutMs === 0 ? 0 : Math.max(timeoutMs, DIAGNOSIS_MS));

export async function askCenter(server: string, settings: Settings, deps: CliDeps): Promise<AskedCenter> {
  const checks = await reach(server, { settings, clock: deps.clock });
  if (checks.some(({ verdict }) => verdict === 'fail')) return { server, checks };
  const say = (line: string) => void deps.say(line);
  const api = connect({ ...settings, servers: [server] }, deps.host, deps.signal, say, () => undefined);
  try {
    checks.push(...(await health(server, api, deps)));
  } catch (error) {
    const todo = 'is it a center that listens there? See its log';
    return { server, checks: [...checks, checksOf('Connection').fail(`${server} answer`, messageOf(error), todo)] };
  }
  const version = await versionOf(server, api, deps, checks);
  if (version === undefined) return { server, checks };
  const patient = { ...settings, servers: [server], requestTimeoutMs: patience(settings.requestTimeoutMs) };
  const asking = connect(patient, deps.host, deps.signal, say, () => undefined);
  const found = await diagnosisOf(server, asking, checks);
  return { server, checks, api, version, ...found };
}

/** Throws what comes instead of an answer. */
async function health(server: string, api: Api, { clock }: CliDeps): Promise<Check[]> {
  const { ok, fail } = checksOf('Connection');
  const clocks = checksOf('Clocks');
  const before = clock.now();
  const { stream, headers } = await api.open('/healthz', {}, '*/*');
  stream.resume();
  const after = clock.now();
  const checks = [ok(`${server} answer`, `it answers (${after - before} ms)`)];
  const date = Date.parse(headers.date ?? '');
  if (!Number.isNaN(date)) {
    // Its clock said something from `date` to a second later, at some time from `before` to `after`.
    const [least, most] = [before - (date + DATE_STEP_MS), after - date];
    const apart = least > 0 ? least : most < 0 ? most : 0;
    const words = apartWords('this machine', apart, 'the center');
    const todo = 'ages and times that this machine shows are off by that: run an NTP client on both';
    checks.push(Math.abs(apart) > CLOCK_WARN_MS ? clocks.warn(server, words, todo) : clocks.ok(server, words));
  }
  try {
    await api.text('/readyz');
    checks.push(ok(`${server} ready`, 'store and coordination are at hand'));
  } catch (error) {
    const todo = 'people can still look and apply; nothing is allocated until then: see Coordination';
    checks.push(fail(`${server} ready`, messageOf(error), todo));
  }
  return checks;
}

/** undefined when the center does not take who asks. */
async function versionOf(server: string, api: Api, deps: CliDeps, checks: Check[]): Promise<string | undefined> {
  const { ok, warn, fail } = checksOf('Access');
  try {
    const { version = 'unknown' } = await api.get<{ version?: string }>('/version');
    const own = deps.host.version;
    const words = `this program is ${own}, the center ${version}`;
    checks.push(
      tooFarApart(own, version)
        ? warn(`${server} version`, `${words}: more than one minor version apart`, 'upgrade the older one')
        : ok(`${server} version`, words),
    );
    const { status } = await reviewSelf(api);
    checks.push(tokenCheck(server, status, deps.clock.now()));
    return version;
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_UNAUTHORIZED', 'CT_FORBIDDEN')) {
      checks.push(fail(`${server} version`, messageOf(error), 'see the log of the center'));
      return undefined;
    }
    const todo = '"ctask config view" says which token is sent; get one with "ctask create token", or log in anew';
    checks.push(fail(`${server} token`, messageOf(error), todo));
    return undefined;
  }
}

function tokenCheck(
  server: string,
  { userInfo, credential }: Awaited<ReturnType<typeof reviewSelf>>['status'],
  now: number,
): Check {
  const { ok, warn } = checksOf('Access');
  const name = `${server} token`;
  const { expirationTime } = credential ?? {};
  if (expirationTime === undefined)
    return ok(name, `the center knows this user as "${userInfo.username}"; it does not end`);
  const left = Date.parse(expirationTime) - now;
  const words = `the center knows this user as "${userInfo.username}" until ${expirationTime}`;
  if (left > TOKEN_WARN_MS) return ok(name, words);
  return warn(name, `${words}, in ${formatAge(left)}`, 'make a new one: "ctask create token"');
}

async function diagnosisOf(
  server: string,
  api: Api,
  checks: Check[],
): Promise<Pick<AskedCenter, 'diagnosis' | 'refused'>> {
  try {
    return { diagnosis: await api.get<Diagnosis>(`${GROUP_PATH}/diagnosis`) };
  } catch (error) {
    checks.push(checksOf('Center').unknown(`${server} inside`, messageOf(error), insideTodo(error)));
    return isCloudTaskError(error, 'CT_FORBIDDEN') ? { refused: true } : {};
  }
}

function insideTodo(error: unknown): string {
  if (isCloudTaskError(error, 'CT_FORBIDDEN')) {
    return 'an administrator may look, and whoever has a role with verb get on kind Diagnosis';
  }
  return error instanceof CloudTaskError && error.code === 'CT_NOT_FOUND'
    ? 'the center is older than this program: upgrade it'
    : 'see the log of the center';
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type AgentOptions,
  coordinationSecretFile,
  createAgent,
  type FoundCgroups,
  findCgroups,
  joinCenter,
  parseRunAs,
  prepareCgroups,
  readCertificate,
} from '../../agent/index.js';
import {
  CloudTaskError,
  type Logger,
  messageOf,
  RecentLines,
  type ResolvedOptions,
  systemClock,
} from '../../base/index.js';
import { CAPACITY_MAX, parseJoinToken } from '../../manifests/index.js';
import { VERSION } from '../version.js';
import { addOptions, readOptions } from './command.js';
import { agentCoordinationAuth } from './coordination-secret.js';
import { dataDirectory } from './data-dir.js';
import { runnerEntry } from './entries.js';
import { announceReady, untilAskedToEnd } from './lifecycle.js';
import { createLogger } from './logging.js';
import { agentOptions } from './option-tables.js';
import { areTraced } from './traces.js';

export function defineAgent(program: Command): void {
  const command = program
    .command('agent')
    .description('Run an agent: it runs the tasks that it is allocated on this machine');
  addOptions(command, agentOptions)
    .addHelpText(
      'after',
      `
Examples:
  # An agent of a center on the same machine
  ctask agent --token-file /var/lib/ctask/center/agent.token

  # One that takes twice as many tasks as others, and ten minutes for an upgrade of its machine
  ctask agent --token-file agent.token --capacity 2 --hold 10m

  # An agent elsewhere, with labels that tasks can select: it joins with a token of 'ctask create token --agent'
  ctask agent --center https://center:7070 --zookeeper zk1:2181,zk2:2181/cloudtask --join-file join.token --labels disk=ssd
`,
    )
    .action((flags) => runAgent(flags));
}

async function runAgent(flags: Record<string, unknown>): Promise<void> {
  const options = await readOptions(agentOptions, flags, process.env);
  const name = (options.name as string | undefined) ?? hostname().toLowerCase();
  const dataDir = await dataDirectory(options, join('agents', name), process.env);
  const recentLines = new RecentLines();
  const log = createLogger({ level: options.logLevel as string, process: 'agent', recent: recentLines });
  const end = untilAskedToEnd(log);
  const starting = new AbortController();
  void end.then(() => starting.abort(new Error('asked to end')));
  const credentials = await credentialsOf(options, { dataDir, name, log }, starting.signal);
  if (credentials === undefined) return;
  const joined = credentials.certificate === undefined ? undefined : coordinationSecretFile(dataDir);
  const auth = await agentCoordinationAuth(options, joined);
  const agent = createAgent({
    dataDir,
    name,
    cluster: options.cluster as string,
    labels: options.labels as Record<string, string>,
    capacity: capacityOf(options),
    packageCacheBytes: options.packageCacheBytes as number,
    holdMs: options.hold as number,
    runAs: runAsOf(options),
    ...(options.maxRunning === 0 ? {} : { maxRunning: options.maxRunning as number }),
    ...cgroupsOf(options, log),
    center: { urls: options.center as string[], ...credentials },
    coordination: {
      connectString: options.zookeeper as string,
      sessionTimeoutMs: options.sessionTimeout as number,
      root: options.root as string,
      auth,
    },
    runnerEntry: runnerEntry(),
    traced: areTraced(process.env),
    version: VERSION,
    clock: systemClock,
    log,
    recentLines,
  });
  // Starting waits for coordination as long as that takes; being asked to end does not.
  const sayReady = () => log.info({ agent: name, dataDir }, 'agent is ready');
  try {
    await agent.start(starting.signal);
    // An agent whose name another one holds has started, and gets nothing until that one is gone.
    if (agent.isRegistered) sayReady();
    else void agent.events.next('registered').then(sayReady);
    announceReady({ agent: name });
  } catch (error) {
    if (!starting.signal.aborted) throw error;
  }
  const reason = await end;
  // A supervised agent that is told to stop takes everything with it; one that was signalled is being restarted (R6).
  if (reason === 'stop' || options.endRuns === true) await agent.end();
  else if (options.leave === true) await agent.stop();
  else await agent.detach();
}

function capacityOf({ capacity }: ResolvedOptions): number {
  const value = capacity as number;
  if (value >= 1 && value <= CAPACITY_MAX) return value;
  const detail = `capacity must be 1 to ${CAPACITY_MAX}, not ${value}`;
  throw new CloudTaskError('CT_CONFIG_INVALID', detail);
}

function cgroupsOf({ cgroups }: ResolvedOptions, log: Logger): { cgroups: { directory?: string; words: string } } {
  if (cgroups === 'none') return { cgroups: { words: 'none: as the agent was told' } };
  const found = cgroups === 'auto' ? findCgroups() : preparedCgroups(cgroups as string);
  if ('reason' in found) {
    log.info({ reason: found.reason }, 'attempts get no cgroups');
    return { cgroups: { words: `none: ${found.reason}` } };
  }
  log.info({ ...found }, 'attempts get cgroups');
  const { directory, controllers } = found;
  const words = controllers.length === 0 ? 'no controllers' : controllers.join(', ');
  return { cgroups: { directory, words: `${directory} (${words})` } };
}

/** What was asked for by name must be there. */
function preparedCgroups(directory: string): FoundCgroups {
  try {
    return { directory, controllers: prepareCgroups(directory) };
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `cgroups "${directory}" cannot be used: ${messageOf(cause)}`,
      hint: 'it must be a directory of cgroup v2 that is delegated to this agent and has no processes in it',
      cause,
    });
  }
}

function runAsOf(options: ResolvedOptions): readonly string[] {
  const list = options.runAs as readonly string[];
  const wrong = list.find((text) => parseRunAs(text) === undefined);
  if (wrong !== undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `runAs takes user or user:group, not "${wrong}"`);
  }
  if (list.length > 0 && process.getuid?.() !== 0) {
    throw new CloudTaskError('CT_CONFIG_INVALID', 'runAs needs an agent that runs as root');
  }
  return list;
}

/** The certificate that the agent has or now gets, or the token that it is told; undefined when it was asked to end meanwhile. */
async function credentialsOf(
  options: ResolvedOptions,
  { dataDir, name, log }: { dataDir: string; name: string; log: Logger },
  signal: AbortSignal,
): Promise<Pick<AgentOptions['center'], 'token' | 'certificate'> | undefined> {
  const known = await readCertificate(dataDir, name);
  if (known !== undefined && known.expires > systemClock.now()) return { certificate: known };
  const text = joinTokenOf(options);
  if (text === undefined && known === undefined) return { token: tokenReader(options) };
  if (text === undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `the certificate of this agent expired on ${new Date(known!.expires).toISOString()}`,
      hint: "join again: --join with a token of 'ctask create token --agent'",
    });
  }
  const token = parseJoinToken(text);
  if (token === undefined) {
    const begun = text.trim().startsWith('ctj_');
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: begun
        ? 'the join token is cut off or changed: it is not as it was made'
        : 'the join token is not one: it begins with ctj_',
      hint: "give all of what 'ctask create token --agent' has printed, or make another",
    });
  }
  const urls = options.center as string[];
  const join = { dataDir, name, cluster: options.cluster as string, urls, token, clock: systemClock, log };
  try {
    const certificate = await joinCenter(join, signal);
    log.info({ expires: new Date(certificate.expires).toISOString() }, 'the agent has joined');
    return { certificate };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Throws CT_CONFIG_INVALID. */
function joinTokenOf({ join: given, joinFile: path }: ResolvedOptions): string | undefined {
  if (given !== undefined && path !== undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', '--join and --join-file say the same: give one of them');
  }
  if (path === undefined) return given as string | undefined;
  try {
    return readFileSync(path as string, 'utf8');
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path as string, detail: messageOf(cause), cause });
  }
}

/** Reads the token anew for each use, so that it can be replaced without a restart. Throws CT_CONFIG_INVALID. */
function tokenReader(options: ResolvedOptions): () => string {
  const path = options.tokenFile as string | undefined;
  if (path === undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: 'the agent needs a token of its center',
      hint: "give --join with a token of 'ctask create token --agent'; or, of a center without --tls, --token-file with the agent.token of its data directory",
    });
  }
  const read = () => {
    const token = readFileSync(path, 'utf8').trim();
    if (token === '') throw new Error('the file is empty');
    return token;
  };
  try {
    read();
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      detail: `token file "${path}" cannot be used: ${messageOf(cause)}`,
      cause,
    });
  }
  return read;
}

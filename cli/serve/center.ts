import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CloudTaskError, type Logger, RecentLines, type ResolvedOptions, systemClock } from '../../base/index.js';
import { addKey, type CenterOptions, createCenter } from '../../center/index.js';
import { VERSION } from '../version.js';
import { addOptions, readOptions } from './command.js';
import { centerCoordinationAuth } from './coordination-secret.js';
import { dataDirectory } from './data-dir.js';
import { firstLogIn } from './first-log-in.js';
import { guestsOf } from './guests.js';
import { announceReady, untilAskedToEnd } from './lifecycle.js';
import { createLogger } from './logging.js';
import { externalUrlOf, oidcOf } from './oidc.js';
import { centerOptions } from './option-tables.js';
import { storeOf } from './store-option.js';
import { Part } from './supervisor.js';
import { tracesOf } from './traces.js';

/** Certificates know whole seconds, and agents need some of them to renew one. */
const AGENT_CERTIFICATE_MIN_MS = 5000;

/** Where the build puts the console: beside the servers. */
const CONSOLE_DIR = fileURLToPath(new URL('../console', import.meta.url));

export function defineCenter(program: Command): void {
  const command = program.command('center').description('Run a center: the API and the controllers');
  addOptions(command, centerOptions)
    .addHelpText(
      'after',
      `
Examples:
  # One center with the embedded coordination server, on loopback
  ctask center --data-dir /var/lib/ctask/center

  # A center that uses a ZooKeeper ensemble
  ctask center --zookeeper zk1:2181,zk2:2181,zk3:2181/cloudtask --tls-cert api.pem --tls-key api.key --host 0.0.0.0

  # A center with certificates of its own: agents join it with 'ctask create token --agent'
  ctask center --host 0.0.0.0 --tls --tls-name center.example.com

  # Users log in at an issuer (OpenID Connect) besides
  ctask center --oidc-issuer https://login.example.org --oidc-client-id ctask --oidc-client-secret-file /etc/ctask/oidc-secret

  # One of several centers, which share a PostgreSQL database (copy admin.token, agent.token and coordination.secret of the first to the others)
  ctask center --zookeeper zk1:2181 --store postgres://ctask@db1:5432/ctask --store-password-file /etc/ctask/db-password
`,
    )
    .action((flags) => runCenter(flags));
  defineAddSecretsKey(command);
}

/** Writes the key file of this machine and talks to nobody: centers notice it by themselves. */
function defineAddSecretsKey(center: Command): void {
  const given = (...names: string[]) => centerOptions.filter(({ name }) => names.includes(name));
  const command = center
    .command('add-secrets-key')
    .description('Add a key to the key file of secrets; to be copied to all centers before `ctask secrets-key rotate`');
  addOptions(command, given('dataDir', 'secretsKeyFile')).action(async (_flags, self: Command) => {
    const options = await readOptions(centerOptions, self.optsWithGlobals(), process.env);
    const file = options.secretsKeyFile as string | undefined;
    const path = file ?? join(await dataDirectory(options, 'center', process.env), 'secrets.key');
    const { id } = await addKey(path);
    process.stdout.write(`key ${id} added to ${path}\n`);
  });
}

async function runCenter(flags: Record<string, unknown>): Promise<void> {
  const options = await readOptions(centerOptions, flags, process.env);
  const dataDir = await dataDirectory(options, 'center', process.env);
  const recentLines = new RecentLines();
  const log = createLogger({ level: options.logLevel as string, process: 'center', recent: recentLines });
  const store = await storeOf(options);
  const oidc = await oidcOf(options);
  const traces = tracesOf(process.env, log);
  const { auth, secret } = await centerCoordinationAuth(options, dataDir);
  const end = untilAskedToEnd(log);
  const coordination = options.zookeeper === undefined ? embeddedCoordination(options, dataDir, log) : undefined;
  const connectString = (options.zookeeper as string | undefined) ?? `127.0.0.1:${(await coordination!.start()).port}`;
  const center = createCenter({
    dataDir,
    ...(store === undefined ? {} : { store }),
    ...(options.secretsKeyFile === undefined ? {} : { secretsKeyFile: options.secretsKeyFile as string }),
    host: options.host as string,
    port: options.port as number,
    insecure: options.insecure as boolean,
    requestsPerSecond: options.requestsPerSecond as number,
    guests: guestsOf(options),
    ...(oidc === undefined ? {} : { oidc }),
    ...externalUrlOf(options),
    notifyAllow: options.notifyAllow as string[],
    auditRetentionMs: options.auditRetention as number,
    ...tlsOf(options),
    coordination: {
      connectString,
      sessionTimeoutMs: options.sessionTimeout as number,
      root: options.root as string,
      auth,
      secret,
    },
    centerId: (options.id as string | undefined) ?? hostname(),
    version: VERSION,
    ...(traces === undefined ? {} : { traces }),
    consoleDir: CONSOLE_DIR,
    clock: systemClock,
    log,
    recentLines,
  });
  try {
    await center.start(new AbortController().signal);
    const { url, adminTokenFile, agentTokenFile, setUpFile, authority } = center;
    const known: Record<string, string> =
      authority === undefined ? {} : { caFile: authority.file, caPin: authority.pin };
    log.info({ url, zookeeper: connectString, dataDir, ...known }, 'center is ready');
    // Who supervises it shows it; a log is no place for it.
    if (setUpFile !== undefined && process.stdout.isTTY) {
      process.stdout.write(`${await firstLogIn(url, setUpFile)}\n`);
      if (authority !== undefined) process.stdout.write(`Its certificate is signed by ${authority.file}\n`);
    } else if (setUpFile !== undefined)
      log.info({ file: setUpFile }, 'the file holds the one-time password of user admin');
    announceReady({ url, adminTokenFile, agentTokenFile, ...known, ...(setUpFile === undefined ? {} : { setUpFile }) });
    // Without its store a center is of no use, and must not go on leading; whoever started it starts another.
    const failure = await Promise.race([end.then(() => undefined), center.failed]);
    if (failure !== undefined) throw failure;
  } finally {
    await center.stop();
    await coordination?.stop();
  }
}

/** Throws CT_CONFIG_INVALID. */
function tlsOf(options: ResolvedOptions): Pick<CenterOptions, 'tls'> {
  const { tls, tlsCert, tlsKey, tlsCaCert, tlsCaKey } = options as Record<string, string | undefined>;
  for (const [one, other, names] of [
    [tlsCert, tlsKey, '--tls-cert and --tls-key'],
    [tlsCaCert, tlsCaKey, '--tls-ca-cert and --tls-ca-key'],
  ] as const) {
    if ((one === undefined) === (other === undefined)) continue;
    throw new CloudTaskError('CT_CONFIG_INVALID', `${names} must be given together`);
  }
  const given = tlsCert === undefined ? {} : { given: { certFile: tlsCert, keyFile: tlsKey! } };
  if (!tls) {
    if (tlsCaCert !== undefined) throw new CloudTaskError('CT_CONFIG_INVALID', '--tls-ca-cert needs --tls');
    if ((options.tlsName as string[]).length > 0)
      throw new CloudTaskError('CT_CONFIG_INVALID', '--tls-name needs --tls');
    return 'given' in given ? { tls: given } : {};
  }
  const lifetimeMs = options.agentCertificateLifetime as number;
  if (lifetimeMs < AGENT_CERTIFICATE_MIN_MS) {
    throw new CloudTaskError('CT_CONFIG_INVALID', '--agent-certificate-lifetime must be 5s at least');
  }
  const authority = {
    names: options.tlsName as string[],
    agentCertificateMs: lifetimeMs,
    allowSharedToken: options.allowSharedAgentToken as boolean,
    ...(tlsCaCert === undefined ? {} : { certFile: tlsCaCert, keyFile: tlsCaKey! }),
  };
  return { tls: { ...given, authority } };
}

/** The embedded server is a process of its own, so that killing the center never stops claims. */
function embeddedCoordination(options: ResolvedOptions, dataDir: string, log: Logger): Part {
  return new Part(
    {
      name: 'coordination',
      args: (last) => [
        'coordination',
        '--data-dir',
        join(dataDir, 'coordination'),
        '--port',
        String(last?.port ?? options.coordinationPort),
      ],
      logFile: join(dataDir, 'coordination.log'),
    },
    log,
  );
}

// The options of the server-side commands. docs/configuration.md is checked against these tables.
import type { OptionTable } from '../../base/index.js';
import { guestOption } from './guests.js';

/** Of TCP; 0 for any free one. */
const PORTS = [0, 65_535] as const;
/** More processes than a machine is configured for; the upper end only finds typing errors. */
const PLACES = [0, 100_000] as const;

const dataDir = {
  name: 'dataDir',
  type: 'string',
  description: 'directory for everything durable; default under the XDG state directory',
} as const;
const logLevel = {
  name: 'logLevel',
  type: 'string',
  default: 'info',
  description: 'debug, info, warn or error',
} as const;
const coordinationClient = [
  {
    name: 'zookeeper',
    type: 'string',
    description: 'connect string of the ZooKeeper ensemble: host:port,host:port/chroot',
  },
  { name: 'root', type: 'string', default: '/cloudtask', description: 'znode under which everything is kept' },
  {
    name: 'sessionTimeout',
    type: 'duration',
    default: 4000,
    description: 'ZooKeeper session time-out asked for (default 4s)',
  },
  {
    name: 'coordinationSecretFile',
    type: 'string',
    description:
      'file with the secret that keeps ZooKeeper closed to others, the same for all centers and agents; coordination.secret in the data directory of a center, and what an agent got when it joined, or beside its token file, unless given',
  },
] as const;

/** See docs/access.md. */
const oidcOptions = [
  { name: 'oidcIssuer', type: 'string', description: 'URL of the issuer (OpenID Connect) where users log in besides' },
  { name: 'oidcClientId', type: 'string', description: 'what the issuer calls this installation' },
  {
    name: 'oidcClientSecretFile',
    type: 'string',
    description: 'file with the secret that goes with it; none for a public client',
  },
  {
    name: 'oidcUsernameClaim',
    type: 'string',
    default: 'preferred_username',
    description: 'claim that the name of a new User is made of; it should be one that people cannot choose',
  },
  { name: 'oidcUsernamePrefix', type: 'string', default: 'oidc-', description: 'what stands before that name' },
  { name: 'oidcGroupsClaim', type: 'string', default: 'groups', description: 'claim with the names of groups' },
  {
    name: 'oidcScopes',
    type: 'list',
    default: ['openid', 'profile', 'email'],
    description: 'what the issuer is asked to tell',
  },
  {
    name: 'oidcRequiredClaims',
    type: 'map',
    default: {},
    description: 'claims that everybody must have who logs in there: hd=example.org,department=it',
  },
  {
    name: 'oidcRedirectUrl',
    type: 'string',
    description:
      'where the issuer sends browsers back, as it knows it: https://HOST/auth/oidc/callback; made of the request unless given',
  },
] as const;

/** See docs/notifications.md. */
const notificationOptions = [
  {
    name: 'externalUrl',
    type: 'string',
    description:
      'how people reach this installation, for links to the console in what they are told: https://HOST; as in --oidc-redirect-url unless given, else no links',
  },
  {
    name: 'notifyAllow',
    type: 'list',
    default: [],
    description:
      'hosts that notifications may go to though their addresses are not of the internet, also by plain http and to other ports than 443: host, host:port, or * for all',
  },
] as const;

export const coordinationOptions: OptionTable = [
  dataDir,
  { name: 'host', type: 'string', default: '127.0.0.1', description: 'address to listen on' },
  { name: 'port', type: 'integer', range: PORTS, default: 7071, description: 'port to listen on; 0 for any free one' },
  {
    name: 'tick',
    type: 'duration',
    default: 1000,
    description: 'tick of session expiry (default 1s); time-outs are 2 to 20 ticks',
  },
  logLevel,
];

export const centerOptions: OptionTable = [
  dataDir,
  { name: 'id', type: 'string', description: 'identity of this center; the host name unless given' },
  { name: 'host', type: 'string', default: '127.0.0.1', description: 'address the API listens on' },
  {
    name: 'port',
    type: 'integer',
    range: PORTS,
    default: 7070,
    description: 'port the API listens on; 0 for any free one',
  },
  {
    name: 'store',
    type: 'string',
    secret: true,
    description:
      'PostgreSQL database for several centers: postgres://user:password@host:port/database; SQLite in the data directory unless given',
  },
  {
    name: 'storePasswordFile',
    type: 'string',
    description: 'file with the password for --store, so that no command line shows it',
  },
  {
    name: 'secretsKeyFile',
    type: 'string',
    description:
      'file with the key that secrets are sealed with, the same for all centers of a store; secrets.key in the data directory unless given',
  },
  ...coordinationClient,
  {
    name: 'coordinationPort',
    type: 'integer',
    range: PORTS,
    default: 7071,
    description: 'port of the embedded coordination server, which runs unless --zookeeper is given',
  },
  {
    name: 'tls',
    type: 'boolean',
    default: false,
    description:
      'TLS by an authority of the installation, which the first start makes: it gives the center its certificate, and agents theirs when they join',
  },
  {
    name: 'tlsName',
    type: 'list',
    default: [],
    description: 'with --tls: further names and addresses that the center is reached by, for its certificate',
  },
  {
    name: 'tlsCaCert',
    type: 'string',
    description:
      'with --tls: PEM file with the certificate of the authority, the same for all centers of a store; tls/ca.crt in the data directory unless given',
  },
  {
    name: 'tlsCaKey',
    type: 'string',
    description: 'with --tls: PEM file with the key of the authority; tls/ca.key in the data directory unless given',
  },
  {
    name: 'agentCertificateLifetime',
    type: 'duration',
    default: 60 * 86_400_000,
    description:
      'with --tls: how long certificates of agents are good for; agents renew them when a third of that is left (default 60d)',
  },
  {
    name: 'allowSharedAgentToken',
    type: 'boolean',
    default: false,
    description: 'with --tls: take agent.token too, with which any agent can speak as any other',
  },
  {
    name: 'tlsCert',
    type: 'string',
    description:
      'PEM file with a certificate that others have made for the API; with --tls, agents are shown the own one',
  },
  { name: 'tlsKey', type: 'string', description: 'PEM file with the key of the certificate' },
  { name: 'insecure', type: 'boolean', default: false, description: 'listen beyond loopback without TLS' },
  {
    name: 'requestsPerSecond',
    type: 'integer',
    default: 1000,
    description: 'requests a second that each user may send to the API in the long run; 0 for no limit',
  },
  guestOption,
  ...oidcOptions,
  ...notificationOptions,
  {
    name: 'auditRetention',
    type: 'duration',
    default: 90 * 86_400_000,
    description: 'how long entries of the audit of writes are kept',
  },
  logLevel,
];

export const agentOptions: OptionTable = [
  dataDir,
  { name: 'name', type: 'string', description: 'name of this agent; the host name unless given' },
  { name: 'cluster', type: 'string', default: 'default', description: 'cluster the agent belongs to' },
  { name: 'labels', type: 'map', default: {}, description: 'labels of the agent: a=b,c=d' },
  {
    name: 'capacity',
    type: 'integer',
    default: 1,
    description: 'share of the tasks this agent wants, in relation to others; spec.capacity of the Agent wins',
  },
  {
    name: 'maxRunning',
    type: 'integer',
    range: PLACES,
    default: 0,
    description: 'processes of tasks at a time; others wait, by spec.priority; 0: no limit',
  },
  { name: 'center', type: 'list', default: ['http://127.0.0.1:7070'], description: 'URLs of the centers' },
  { name: 'tokenFile', type: 'string', description: "file with the agents' token, as the center wrote it" },
  {
    name: 'join',
    type: 'string',
    secret: true,
    description:
      "token of 'ctask create token --agent': the first start gets a certificate by it, which later ones use and renew",
  },
  { name: 'joinFile', type: 'string', description: 'file with such a token, so that no command line shows it' },
  ...coordinationClient.map((row) => (row.name === 'zookeeper' ? { ...row, default: '127.0.0.1:7071' } : row)),
  {
    name: 'packageCacheBytes',
    type: 'integer',
    default: 5 * 1024 ** 3,
    description:
      'bound on the unpacked packages that are kept, bytes on disk; what tasks of the agent use is kept in any case',
  },
  {
    name: 'leave',
    type: 'boolean',
    default: false,
    description: 'on SIGTERM hand the tasks over instead of keeping them for a restart',
  },
  {
    name: 'hold',
    type: 'duration',
    default: 0,
    description:
      'on SIGTERM announce to be back within this: until then no task is moved (default 0s: one session time-out)',
  },
  {
    name: 'endRuns',
    type: 'boolean',
    default: false,
    description:
      'on SIGTERM end the runs too, instead of leaving them to the next start: where nothing outlives the agent, as in a container',
  },
  {
    name: 'cgroups',
    type: 'string',
    default: 'auto',
    description:
      'directory of cgroup v2 that is delegated to this agent, without processes in it: each attempt gets a group there, which ends whole process trees for sure and holds limits; must be writable. auto: that of the systemd unit whose subgroup the agent is in, if there is one (Delegate=, DelegateSubgroup=); none: no groups',
  },
  {
    name: 'runAs',
    type: 'list',
    default: [],
    description:
      'accounts that tasks may run as (spec.run.user): user, or user:group with another group than its own; needs an agent that runs as root',
  },
  logLevel,
];

export const upOptions: OptionTable = [
  dataDir,
  { name: 'port', type: 'integer', range: PORTS, default: 7070, description: 'port of the API; 0 for any free one' },
  { name: 'agents', type: 'integer', default: 1, description: 'number of agents' },
  { name: 'contextName', type: 'string', description: 'name of the context written to the configuration' },
  {
    name: 'useContext',
    type: 'boolean',
    default: false,
    description: 'make that context the current one even if another is',
  },
  guestOption,
  ...notificationOptions,
  logLevel,
];

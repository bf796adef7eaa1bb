// Flags that every client command takes, before and after the verb. A table, because argv is also scanned for the verb
// before commander knows the commands.
import type { Command } from 'commander';

export interface GlobalOptions {
  config?: string;
  context?: string;
  namespace?: string;
  server?: string;
  /** Entry of users, instead of the context's. */
  user?: string;
  token?: string;
  /** Whom requests are sent as, instead of the owner of the token. */
  as?: string;
  asGroup?: string[];
  requestTimeout?: string;
  certificateAuthority?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  clientCertificate?: string;
  clientKey?: string;
  cacheDir?: string;
  warningsAsErrors?: boolean;
  color?: string;
  v?: string;
}

interface GlobalFlag {
  readonly flags: string;
  readonly description: string;
  /** May be given several times. */
  readonly repeatable?: true;
}

export const globalFlags: readonly GlobalFlag[] = [
  { flags: '--config <file>', description: 'configuration file; alone, instead of $CTASK_CONFIG and the default' },
  { flags: '--context <name>', description: 'context of the configuration to use' },
  { flags: '-n, --namespace <name>', description: 'namespace of the objects' },
  { flags: '-s, --server <url>', description: 'address of the center; several separated by commas' },
  { flags: '--user <name>', description: "user entry of the configuration, instead of the context's" },
  { flags: '--token <token>', description: 'bearer token (visible in ps: prefer CTASK_TOKEN_FILE)' },
  {
    flags: '--as <user>',
    description: 'send requests as this user, or with the rights of a built-in role; for administrators',
  },
  {
    flags: '--as-group <group>',
    description: 'with --as: as a member of this group; may be repeated',
    repeatable: true,
  },
  { flags: '--request-timeout <duration>', description: 'longest time of one request, e.g. 5s; 0 for none' },
  { flags: '--certificate-authority <file>', description: 'certificates that the center is checked against' },
  { flags: '--insecure-skip-tls-verify', description: "do not check the center's certificate" },
  {
    flags: '--tls-server-name <name>',
    description: "name that the center's certificate must have, if not its address",
  },
  { flags: '--client-certificate <file>', description: 'certificate to show to the center' },
  { flags: '--client-key <file>', description: 'key of that certificate' },
  { flags: '--cache-dir <dir>', description: 'directory of what is kept between commands' },
  { flags: '--warnings-as-errors', description: 'end with 1 if the center warns' },
  { flags: '--color <when>', description: 'auto, always or never' },
  { flags: '-v <level>', description: 'talk on stderr: 6 requests, 7 headers, 8 bodies, 9 whole bodies and curl' },
];

const GLOBAL_GROUP = 'Global options:';

export function defineGlobalOptions(program: Command): void {
  for (const { flags, description, repeatable } of globalFlags) {
    const option = program.createOption(flags, description);
    if (repeatable) option.argParser((value, before: string[] = []) => [...before, value]);
    option.helpGroup(GLOBAL_GROUP);
    program.addOption(option);
  }
}

/** Names of the flags that take the next argument as value, e.g. `-n` and `--namespace`. */
export const globalFlagsWithValue: ReadonlySet<string> = new Set(
  globalFlags
    .filter(({ flags }) => flags.includes('<'))
    .flatMap(({ flags }) => flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []),
);

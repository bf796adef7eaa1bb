import type { Clock, CloudTaskError, Logger, RecentLines, Service } from '../base/index.js';
import type { OidcSettings, TlsOptions } from './auth/index.js';
import type { TraceSettings } from './traces/trace-sender.js';

export interface CenterOptions {
  /** Directory of the token files and, unless `store` is given, of the store; one center at a time uses it. */
  readonly dataDir: string;
  /** A PostgreSQL database instead, which several centers may share: `postgres://user:password@host:port/database`. */
  readonly store?: { readonly url: string; readonly password?: string };
  /** File of the key that secrets are sealed with; `secrets.key` in the data directory unless given. */
  readonly secretsKeyFile?: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Listen beyond loopback without TLS. */
  readonly insecure?: boolean;
  readonly tls?: TlsOptions;
  readonly coordination: {
    readonly connectString: string;
    readonly sessionTimeoutMs: number;
    readonly root: string;
    readonly auth?: readonly { readonly scheme: string; readonly credential: Uint8Array }[];
    /** What `auth` is made of, for agents that join. */
    readonly secret?: string;
  };
  /** What each user may ask of the API in the long run, agents excepted; none given: no limit. */
  readonly requestsPerSecond?: number;
  /** Hosts that notifications may go to though they are not of the internet: `host`, `host:port`, or `*` for all. */
  readonly notifyAllow?: readonly string[];
  /** How people reach it from outside, for links to the console; without it there are none. */
  readonly externalUrl?: string;
  /** Whoever sends neither token nor cookie may read, as a viewer. */
  readonly guests?: boolean;
  /** The issuer where users log in besides. */
  readonly oidc?: OidcSettings;
  /** How long entries of the audit of writes are kept, ms. */
  readonly auditRetentionMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** The last lines that went to `log`, for who asks from afar. */
  readonly recentLines?: RecentLines;
  readonly centerId: string;
  /** Folder of the built console; without it none is served. */
  readonly consoleDir?: string;
  /** Version of the program, for /version. */
  readonly version?: string;
  /** Where traces of runs are sent; nowhere unless given. */
  readonly traces?: TraceSettings;
}

export interface Center extends Service {
  /** Resolves with the reason when the center cannot work any more and must be stopped; a new one may do better. */
  readonly failed: Promise<CloudTaskError>;
  /** Where the API answers; empty before `start`. */
  readonly url: string;
  readonly adminTokenFile: string;
  readonly agentTokenFile: string;
  /** With what agents and people know the center by; absent without an authority of its own, and before `start`. */
  readonly authority: { readonly file: string; readonly pin: string } | undefined;
  /** Holds the one-time password of the user "admin", until somebody has logged in with it; undefined after that. */
  readonly setUpFile: string | undefined;
}

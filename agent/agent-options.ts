import type { Clock, Logger, RecentLines } from '../base/index.js';
import type { ClientCertificate } from './join/client-certificate.js';

export interface AgentOptions {
  /** Created when missing; used by one process at a time (CT_LOCKED). */
  readonly dataDir: string;
  readonly name: string;
  readonly cluster: string;
  readonly labels: Record<string, string>;
  readonly center: {
    /** Base URLs; when one does not answer the next is tried. */
    readonly urls: readonly string[];
    /** Asked for each request, so that the token can be replaced without a restart. */
    readonly token?: () => string;
    /** What the agent proves who it is with instead, see joinCenter. It is renewed in time. */
    readonly certificate?: ClientCertificate;
  };
  readonly coordination: {
    /** `host:port,host:port[/chroot]`. */
    readonly connectString: string;
    readonly sessionTimeoutMs: number;
    /** Root znode. */
    readonly root: string;
    /** The secret of the installation, without which its nodes can be neither read nor written (decision 0030). */
    readonly auth?: readonly { readonly scheme: string; readonly credential: Uint8Array }[];
  };
  /** argv that starts a runner process. */
  readonly runnerEntry: readonly string[];
  /** Runner processes; one per core to fork on. Default 1. */
  readonly runners?: number;
  /** Processes are told the trace that the center writes of them. */
  readonly traced?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** The last lines that went to `log`, for centers that ask for them. */
  readonly recentLines?: RecentLines;
  /** Version of CloudTask, for people. */
  readonly version?: string;
  /** Share of the tasks it wants, in relation to other agents; what an operator sets on the Agent object wins. Default 1. */
  readonly capacity?: number;
  /** Attempts that run at a time, of all tasks; others wait (runs/places.ts). No limit unless given. */
  readonly maxRunning?: number;
  /** On `detach` it announces to be back within this, ms: until then its tasks stay with it. Default 0. */
  readonly holdMs?: number;
  /** Quota of output on disk per attempt. Default 256 MiB. */
  readonly outputMaxBytes?: number;
  /** Bound on the unpacked packages that are kept, bytes on disk; what is in use is kept in any case. Default 5 GiB. */
  readonly packageCacheBytes?: number;
  /** `user` or `user:group`: as whom tasks may run besides the agent's own user. Default nobody. */
  readonly runAs?: readonly string[];
  /** `directory`: of cgroup v2, which belongs to this agent and has no processes itself: each attempt gets a group in it. `words`:
   * which and why, for the status of the agent. */
  readonly cgroups?: { readonly directory?: string; readonly words: string };
}

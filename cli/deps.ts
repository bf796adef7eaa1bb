// What a command is given: lazy functions, so that `--help` and `next --expr` touch neither file nor network.
import type { Clock } from '../base/index.js';
import type { Api } from './client/api.js';
import type { Discovery } from './client/discovery.js';
import type { Settings } from './client/settings.js';
import type { Check } from './commands/doctor/check.js';
import type { Places } from './commands/doctor/here.js';
import type { GlobalOptions } from './global-options.js';
import type { Host, InterruptSignal } from './host.js';

/** Throws CT_CONFIG_INVALID. */
export type LookHere = (places: Places) => Promise<readonly Check[]>;

export interface CliDeps {
  readonly host: Host;
  readonly clock: Clock;
  readonly globals: GlobalOptions;
  /** Flags, variables and configuration file, resolved once. */
  settings(): Promise<Settings>;
  api(): Promise<Api>;
  discovery(): Promise<Discovery>;
  /** Loads what looks at a store and at ZooKeeper without a center; absent where the program is not whole. */
  lookHere?(): Promise<LookHere>;
  /** Writes data to stdout. */
  out(data: string | Uint8Array): Promise<void>;
  /** Writes one line of talk to stderr. */
  say(line: string): Promise<void>;
  /** The command has told a warning with its place in a file; the center's own in the same words is not told again. */
  told(warning: string): void;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** What to do at the first interrupt before the program ends with 130 or 143; the last one set counts. */
  atInterrupt(hook: (signal: InterruptSignal) => Promise<void>): void;
  /** What the program is going to end with. */
  readonly exit: number;
  /** For answers that are no errors: a run that failed, a negative reply. */
  setExit(code: number): void;
}

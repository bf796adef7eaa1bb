// What the program ends with. Codes 2 and 4 to 9 are those of base/error-codes.ts; this is the table people read.
import { constants } from 'node:os';

export interface ExitCodeRow {
  readonly code: string;
  readonly meaning: string;
  readonly example: string;
}

export const exitCodes: readonly ExitCodeRow[] = [
  {
    code: '0',
    meaning: 'success; also "no resources found" and "unchanged"',
    example: 'ctask get tasks in an empty namespace',
  },
  {
    code: '1',
    meaning: 'the operation failed, or a negative answer',
    example: 'ctask run hello --wait, and the run failed',
  },
  { code: '2', meaning: 'the command line or the configuration is wrong', example: 'an unknown flag, a bad selector' },
  {
    code: '3',
    meaning: 'nothing has changed, and --error-unchanged was given',
    example: 'ctask apply --error-unchanged of what the center has already',
  },
  { code: '4', meaning: 'not authenticated, or not allowed', example: 'a token that is no longer valid' },
  { code: '5', meaning: 'not found', example: 'ctask get task nope' },
  {
    code: '6',
    meaning: 'conflict: the object exists, or somebody else changed it',
    example: 'ctask create of an existing task',
  },
  { code: '7', meaning: 'a manifest is invalid', example: 'ctask apply -f with an unknown field' },
  { code: '8', meaning: 'the time allowed has passed', example: 'ctask run hello --wait --timeout 5s' },
  { code: '9', meaning: 'the center cannot be reached', example: 'connection refused, unknown host, TLS' },
  { code: '129', meaning: 'the terminal was closed (SIGHUP)', example: 'a window with ctask ui that is closed' },
  { code: '130', meaning: 'interrupted by SIGINT (Ctrl-C)', example: 'Ctrl-C in ctask logs -f' },
  { code: '143', meaning: 'ended by SIGTERM', example: 'kill of ctask get -w' },
  {
    code: 'n',
    meaning: "the process's own exit code; 128 + n when signal n ended it",
    example: 'ctask run hello -f --propagate-exit-code',
  },
];

/** What a shell would report of the process: its exit code, 128 + n for signal n (POSIX 2.8.2); undefined when it never ran
 * or nobody saw its end. */
export function processExitCode(end: { readonly exitCode?: number; readonly signal?: string }): number | undefined {
  const number = end.signal === undefined ? undefined : constants.signals[end.signal as NodeJS.Signals];
  return end.exitCode ?? (number === undefined ? undefined : 128 + number);
}

export const EXIT_USAGE = 2;
export const EXIT_UNCHANGED = 3;
export const EXIT_INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

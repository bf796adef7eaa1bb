// The one place that turns whatever was thrown into words on stderr and an exit code.
import { type CloudTaskError, isCloudTaskError, messageOf } from '../base/index.js';
import { statusOf, toStatus } from './client/status.js';
import { EXIT_USAGE } from './exit-codes.js';
import { escapeControls } from './output/terminal-safety.js';

/** A command line that commander or a command refused; `command` is where to look for help. */
export interface UsageProblem {
  readonly message: string;
  readonly suggestion?: string;
  readonly command: string;
}

export interface ErrorReport {
  readonly text: string;
  readonly exit: number;
}

export interface ReportContext {
  /** The user asked for JSON, so failures are JSON too. */
  readonly json?: boolean;
  readonly debug?: boolean;
  /** `prod (from ~/.config/ctask/config.yaml)`, told when the server cannot be reached. */
  readonly context?: string | undefined;
}

/** Words and exit code of `error`. Stack traces only with `debug`. */
export function reportError(error: unknown, context: ReportContext = {}): ErrorReport {
  const exit = isCloudTaskError(error) ? error.row.exit : 1;
  if (context.json) return { text: `${JSON.stringify(toStatus(error), undefined, 2)}\n`, exit };
  const lines = isCloudTaskError(error) ? wordsOf(error, context) : [`error: ${messageOf(error)}`];
  const stack = context.debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return { text: `${escapeControls(lines.join('\n') + stack)}\n`, exit };
}

export function reportUsage(problem: UsageProblem): ErrorReport {
  const lines = [`error: ${problem.message}`];
  if (problem.suggestion !== undefined) lines.push('', 'Did you mean this?', `\t${problem.suggestion}`);
  lines.push(`See '${problem.command} -h' for help and examples`);
  return { text: `${escapeControls(lines.join('\n'))}\n`, exit: EXIT_USAGE };
}

function wordsOf(error: CloudTaskError, context: ReportContext): string[] {
  const status = statusOf(error);
  if (error.code === 'CT_SERVER_UNREACHABLE') return unreachable(error, context);
  if (error.code === 'CT_UNAUTHORIZED' && status !== undefined) {
    return ['error: You must be logged in to the server (Unauthorized)', ...hint(error)];
  }
  const causes = (error.details.causes ?? []).map(
    ({ field, message }) => `* ${field === undefined || message.startsWith(field) ? '' : `${field}: `}${message}`,
  );
  if (status === undefined) return [`error: ${error.message}`, ...causes, ...hint(error)];
  if (status.reason === 'Invalid' && causes.length > 0) {
    const { kind, name } = status.details ?? {};
    const subject = kind === undefined || name === undefined ? 'request' : `${kind} "${name}"`;
    return [`The ${subject} is invalid: `, ...causes];
  }
  // The message of a Status that has causes tells them already when there is only one.
  const told = causes.length === 1 && causes[0] !== undefined && error.message.includes(causes[0].slice(2));
  return [`Error from server (${status.reason ?? 'InternalError'}): ${error.message}`, ...(told ? [] : causes)];
}

function unreachable(error: CloudTaskError, { context }: ReportContext): string[] {
  const refused = /^the connection to the server (.*) was refused$/.exec(error.message);
  const first =
    refused === null
      ? `error: ${error.message}`
      : `The connection to the server ${refused[1]} was refused - did you specify the right host or port?`;
  return [first, ...(context === undefined ? [] : [`context: ${context}`])];
}

function hint(error: CloudTaskError): string[] {
  if (error.hint === undefined) return [];
  return [error.hint.startsWith('Did you mean') ? error.hint : `hint: ${error.hint}`];
}

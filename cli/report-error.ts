// The one place that turns whatever was thrown into words on stderr and an exit code.
import { type CloudTaskError, type ErrorCause, isCloudTaskError, messageOf } from '../base/index.js';
import { type Status, statusOf, toStatus } from './client/status.js';
import { EXIT_USAGE } from './exit-codes.js';
import { conflictWords, isFieldConflict } from './output/conflict-words.js';
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
  /** Wall time, ms: for how long ago something was. */
  readonly now?: number;
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
  const report = (error as { report?: unknown }).report;
  if (typeof report === 'string') return [report];
  if (error.code === 'CT_SERVER_UNREACHABLE') return unreachable(error, context);
  const status = statusOf(error);
  if (error.code === 'CT_UNAUTHORIZED' && status !== undefined) {
    return ['error: You must be logged in to the server (Unauthorized)', ...hint(error)];
  }
  if (isFieldConflict(error.details.causes ?? [])) {
    return conflictWords(status?.message ?? error.message, error.details.causes ?? [], context.now);
  }
  const causes = (error.details.causes ?? []).map(causeLine);
  if (status === undefined) return [`error: ${error.message}`, ...causes, ...hint(error)];
  if (causes.length > 0) return [`${invalidSubject(status)} is invalid: `, ...causes];
  const more = error.details.hint === undefined ? [] : hint(error);
  return [`Error from server (${status.reason ?? 'InternalError'}): ${namedMessage(status)}`, ...more];
}

/** `t.yaml:12:13: error: …` when the file is known, else `* …`. Messages begin with the path of their field. */
function causeLine({ at, field, message }: ErrorCause): string {
  const path = (field ?? '').replace(/^objects\[\d+\]\.?/, '');
  const text = path === '' || message.startsWith(path) ? message : `${path}: ${message}`;
  return at === undefined ? `* ${text}` : `${at}: error: ${text}`;
}

function invalidSubject({ details }: Status): string {
  if (details?.kind === undefined || details.name === undefined) return 'The request';
  const kind = details.kind.charAt(0).toUpperCase() + details.kind.slice(1).replace(/s$/, '');
  return `The ${kind} "${details.name}"`;
}

/** What goes on with the name as its subject; everything else is a sentence of its own. */
const PREDICATE = /^(not|already|has|is|was|belongs|cannot|may|must) /;

/** The server says `Task default/x: not found`; people know `tasks.cloudtask.dev "x" not found`. */
function namedMessage({ message = '', details }: Status): string {
  const { kind, name, group } = details ?? {};
  const rest = /^[A-Z]\w+ \S+: (.*)$/s.exec(message)?.[1];
  if (kind === undefined || name === undefined || rest === undefined) return message;
  return `${kind}${group === undefined ? '' : `.${group}`} "${name}"${PREDICATE.test(`${rest} `) ? '' : ':'} ${rest}`;
}

function unreachable(error: CloudTaskError, { context }: ReportContext): string[] {
  const refused = /^the connection to the server (.*) was refused$/.exec(error.message);
  const first =
    refused === null
      ? `error: ${error.message}`
      : `The connection to the server ${refused[1]} was refused - did you specify the right host or port?`;
  const more = error.details.hint === undefined ? [] : [`hint: ${error.details.hint}`];
  return [first, ...more, ...(context === undefined ? [] : [`context: ${context}`])];
}

function hint(error: CloudTaskError): string[] {
  if (error.hint === undefined) return [];
  return [error.hint.startsWith('Did you mean') ? error.hint : `hint: ${error.hint}`];
}

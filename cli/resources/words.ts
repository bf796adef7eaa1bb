// How objects are named in output: `task.cloudtask.dev/hello`.
export const API_GROUP = 'cloudtask.dev';
export const API_VERSION = `${API_GROUP}/v1`;

/** `task.cloudtask.dev`, as it stands before a name. */
export function kindDotGroup(kind: string): string {
  return `${kind.toLowerCase()}.${API_GROUP}`;
}

export function qualifiedName(kind: string, name: string): string {
  return `${kindDotGroup(kind)}/${name}`;
}

/** The name; of an object that is to get one, what is known of it: `report-<random>`. */
export function shownName({
  name,
  generateName = '',
}: {
  readonly name?: string;
  readonly generateName?: string;
}): string {
  return name ?? `${generateName}<random>`;
}

/** `task.cloudtask.dev/hello created`, with the suffix of a dry run. */
export function resultLine(kind: string, name: string, operation: string, dryRun: DryRun = 'none'): string {
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  return `${qualifiedName(kind, name)} ${operation}${suffix}\n`;
}

export type DryRun = 'none' | 'client' | 'server';

/** ` (exit code 3)`, ` (signal SIGTERM)`, or nothing. */
export function endWords({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): string {
  if (signal !== undefined) return ` (signal ${signal})`;
  return exitCode === undefined ? '' : ` (exit code ${exitCode})`;
}

/** Reasons that the exit code or the signal says itself. */
const PLAIN: ReadonlySet<string> = new Set(['ExitCode', 'Signal']);

interface RunEnd {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** ` (exit code 3)`, or why somebody else than the program ended the run: ` (MemoryLimit: its processes had more memory …)`. */
export function whyWords(end: RunEnd): string {
  const why = [end.reason, end.message].filter(Boolean).join(': ');
  const plain = end.reason === undefined || PLAIN.has(end.reason) ? endWords(end) : '';
  return plain || (why === '' ? endWords(end) : ` (${why})`);
}

// One thing that was looked at, and what came of it.

/** fail: something does not work. warn: it will not for long, or not for all. unknown: it could not be found out. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Check {
  /** Connection, Clocks, Center …: what stands together. */
  readonly group: string;
  /** Of the group; together they name the check, for programs. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly message: string;
  /** What mends it. */
  readonly todo?: string;
}

/** Makes checks of one group. */
export function checksOf(group: string) {
  return {
    ok: (name: string, message: string): Check => ({ group, name, verdict: 'ok', message }),
    warn: (name: string, message: string, todo: string): Check => ({ group, name, verdict: 'warn', message, todo }),
    fail: (name: string, message: string, todo: string): Check => ({ group, name, verdict: 'fail', message, todo }),
    unknown: (name: string, message: string, todo?: string): Check => ({
      ...{ group, name, verdict: 'unknown', message },
      ...(todo === undefined ? {} : { todo }),
    }),
  };
}

/** `a, b, c and 4 more`. */
export function naming(names: readonly string[], count = names.length, max = 5): string {
  const shown = names.slice(0, max);
  return count > shown.length ? `${shown.join(', ')} and ${count - shown.length} more` : shown.join(', ');
}

/** `1 agent`, `2 agents`. */
export function some(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

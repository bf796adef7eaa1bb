import type { Attempt } from '../../../manifests/index.js';

/** Columns of the table of attempts that say what they used; none while nothing is known of any. */
export function usageColumns(attempts: readonly Attempt[]): { heads: string[]; cells: (attempt: Attempt) => string[] } {
  const known = attempts.some(
    ({ cpuMilliseconds, peakMemoryBytes }) => (cpuMilliseconds ?? peakMemoryBytes) !== undefined,
  );
  if (!known) return { heads: [], cells: () => [] };
  return {
    heads: ['CPU', 'Memory'],
    cells: ({ cpuMilliseconds, peakMemoryBytes }) => [
      cpuMilliseconds === undefined ? '<none>' : `${(cpuMilliseconds / 1000).toFixed(2)}s`,
      peakMemoryBytes === undefined ? '<none>' : `${(peakMemoryBytes / 1024 ** 2).toFixed(1)}Mi`,
    ],
  };
}

/** `memory by Cgroup, cpu NotEnforced`; undefined for an attempt without limits. */
export function limitsText(attempt: Attempt | undefined): string | undefined {
  const held = Object.entries(attempt?.limits ?? {});
  if (held.length === 0) return undefined;
  return held.map(([name, by]) => (by === 'NotEnforced' ? `${name} NotEnforced` : `${name} by ${by}`)).join(', ');
}

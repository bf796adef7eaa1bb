// Arithmetic and printing that the benchmarks share. Figures are ratios against a reference measured in the same run.
export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function median(values: readonly number[]): number {
  return summarise(values).p50;
}

const rows: string[][] = [];

/** Prints one figure: what, measured, reference, ratio, goal, and whether the goal is met. */
export function report(
  what: string,
  measured: string,
  reference: string,
  ratio: number | undefined,
  goal: string,
  met: boolean,
): void {
  rows.push([what, measured, reference, ratio === undefined ? '' : ratio.toFixed(2), goal, met ? 'yes' : 'NO']);
  console.error(`${what}: ${measured}${reference === '' ? '' : ` against ${reference}`}`);
}

export function printReport(): void {
  const all = [['figure', 'measured', 'reference (same run)', 'ratio', 'goal', 'met'], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  for (const row of all) console.log(`| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

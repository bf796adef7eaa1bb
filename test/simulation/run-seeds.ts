// Seeds spread over processes, one per core; each process works through its own. A seed is a pure function of the code, so
// it does not matter where it runs.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Fault } from './faults.js';
import type { SimulationResult } from './simulation.js';

export type SeedResult = Omit<SimulationResult, 'history'> & { readonly tookMs: number };

export interface SeedsOptions {
  /** Of bundle.ts. */
  readonly bundle: string;
  readonly first: number;
  readonly count: number;
  readonly processes?: number;
  /** Instead of those that each seed draws. */
  readonly faults?: readonly Fault[];
  /** Called for each seed as it ends; `stop` ends all processes: what follows is not run. */
  readonly each: (result: SeedResult, stop: () => void) => void;
}

/** Seeds that one process takes at a time. */
const CHUNK = 10;

/** Resolves when all seeds have run, or after `stop`. Rejects when a process ends otherwise than it should. */
export async function runSeeds(options: SeedsOptions): Promise<void> {
  const { first, count, bundle, each, faults, processes = availableParallelism() } = options;
  const more = faults === undefined ? [] : ['--faults', JSON.stringify(faults)];
  const last = first + count;
  const stopped = new AbortController();
  let next = first;
  const worker = async () => {
    while (next < last && !stopped.signal.aborted) {
      const from = next;
      next = Math.min(last, next + CHUNK);
      const args = [bundle, String(from), String(next - from), ...more];
      await runChunk(args, (result) => each(result, () => stopped.abort()), stopped.signal);
    }
  };
  await Promise.all(Array.from({ length: processes }, worker));
}

async function runChunk(
  args: readonly string[],
  each: (result: SeedResult) => void,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  createInterface(child.stdout).on('line', (line) => {
    if (!signal.aborted) each(JSON.parse(line) as SeedResult);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  signal.removeEventListener('abort', stop);
  if (code !== 0 && !signal.aborted) throw new Error(`a simulation ended with ${code}: ${args.join(' ')}`);
}

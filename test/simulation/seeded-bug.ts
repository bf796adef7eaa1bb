// A copy of the product with one defect in it: what the simulation must find.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSimulation } from './bundle.js';
import { runSeeds, type SeedResult } from './run-seeds.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const patches = fileURLToPath(new URL('./bugs', import.meta.url));
/** What goes into a bundle. */
const SOURCES = [
  'agent',
  'base',
  'center',
  'coordination',
  'manifests',
  'test/chaos',
  'test/simulation',
  'test/support',
];

export function bugs(): string[] {
  return readdirSync(patches).map((name) => name.replace(/\.patch$/, ''));
}

/** What is wrong, as its patch says. */
export function describeBug(bug: string): string {
  const text = readFileSync(join(patches, `${bug}.patch`), 'utf8');
  return text.slice(0, text.indexOf('\n\ndiff ')).replaceAll('\n', ' ');
}

export interface Hunt {
  /** Seeds that were run before the defect was seen. */
  readonly seeds: number;
  /** Undefined when it was not seen. */
  readonly caught: SeedResult | undefined;
}

/** Runs seeds against the product with the bug until one of them shows findings, `seedsMax` at most. Throws when the patch does
 * not fit the product any more. */
export async function hunt(bug: string, options: { first: number; seedsMax: number }): Promise<Hunt> {
  const copy = resolve(root, 'dist/simulation/bugs', bug);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const source of SOURCES) cpSync(join(root, source), join(copy, source), { recursive: true });
  // Outside of any repository, so that git takes the copy for what it is: files.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: resolve(copy, '..') };
  execFileSync('git', ['apply', join(patches, `${bug}.patch`)], { cwd: copy, env });
  const bundle = join(copy, 'simulation.mjs');
  await bundleSimulation(bundle, copy);
  let caught: SeedResult | undefined;
  let seeds = 0;
  await runSeeds({
    ...{ bundle, first: options.first, count: options.seedsMax },
    each(result, stop) {
      seeds += 1;
      if (result.findings.length === 0) return;
      caught ??= result;
      stop();
    },
  });
  if (caught !== undefined) rmSync(copy, { recursive: true, force: true });
  return { seeds, caught };
}

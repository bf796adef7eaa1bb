import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { writeFileDurably } from '../../../base/index.js';
import type { WorkerOptions } from './protocol.js';

/** The build puts store-worker.js beside the bundle; in the source tree it is program.ts beside this file. */
export function defaultWorkerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './program.ts' : './store-worker.js', import.meta.url);
}

export async function startWorker(url: URL, options: WorkerOptions): Promise<Worker> {
  if (!url.pathname.endsWith('.ts')) return new Worker(url, { workerData: options });
  // Without the loader of the process, which would be looked for below whatever is the working directory by now.
  return new Worker(await compiledWorker(url), { workerData: options, execArgv: [] });
}

interface Bundler {
  buildSync(options: object): { outputFiles: { text: string }[] };
}

/** Left out of the compiled file: what has parts that are no JavaScript, or is no ES module. */
const NATIVE = ['better-sqlite3', 'pg'];

const CACHE = new URL('../../../node_modules/.cache/cloudtask/', import.meta.url);

const compiled = new Map<string, Promise<URL>>();

/**
 * For the source tree only: a worker thread of Node 20 does not inherit the loader of its process, and to load one in
 * each worker takes seconds on a busy machine. So the program is compiled once per process, to a file named after what is
 * in it, from where packages are found as usual.
 */
function compiledWorker(url: URL): Promise<URL> {
  const known = compiled.get(url.href);
  if (known !== undefined) return known;
  const promise = (async () => {
    const esbuild: string = 'esbuild'; // as a variable: the product's bundle must not contain the bundler
    const { buildSync } = (await import(esbuild)) as Bundler;
    const { outputFiles } = buildSync({
      entryPoints: [fileURLToPath(url)],
      ...{ bundle: true, write: false, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent' },
      external: NATIVE,
    });
    const code = outputFiles[0]!.text;
    const file = new URL(`store-worker-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`, CACHE);
    await mkdir(CACHE, { recursive: true });
    await writeFileDurably(fileURLToPath(file), code); // renamed into place: other processes may be doing the same
    return file;
  })();
  compiled.set(url.href, promise);
  return promise;
}

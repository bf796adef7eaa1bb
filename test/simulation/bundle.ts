// Puts the product into one file with the simulated world underneath: its modules as they are, and in the place of what they
// take from Node (files, sockets, processes, randomness) the modules of `replaced/` and `disk/`.
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Modules of Node, for the folders whose processes are simulated down to the disk. */
const NODE_MODULES: Readonly<Record<string, string>> = {
  'node:fs': 'disk/fs.ts',
  'node:fs/promises': 'disk/fs-promises.ts',
  'node:net': 'replaced/net.ts',
  'node:child_process': 'replaced/child-process.ts',
};
/** For every folder of the product. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  'node:crypto': 'replaced/crypto.ts',
  'better-sqlite3': 'replaced/better-sqlite3.ts',
};
/** Modules of the product that stand at its border to the machine. */
const PRODUCT: Readonly<Record<string, string>> = {
  'agent/platform/index.ts': 'replaced/platform.ts',
  'agent/center-client/center-client.ts': 'replaced/center-client.ts',
  'base/directory-lock.ts': 'replaced/directory-lock.ts',
  'center/store/worker/start-worker.ts': 'replaced/start-worker.ts',
  'coordination/embedded/store/transaction-codec.ts': 'replaced/transaction-codec.ts',
};

const ON_MACHINES = /^(agent|coordination|base)\//;
const PRODUCT_FOLDERS = /^(agent|coordination|base|center|manifests)\//;

/** `sources` is a tree like the repository: the repository itself, or a copy in which something was changed. */
function borders(sources: string): Plugin {
  const simulation = join(sources, 'test/simulation');
  return {
    name: 'borders',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, (args) => {
        const importer = relative(sources, args.importer);
        if (!PRODUCT_FOLDERS.test(importer)) return undefined;
        const replaced = EVERYWHERE[args.path] ?? (ON_MACHINES.test(importer) ? NODE_MODULES[args.path] : undefined);
        if (replaced !== undefined) return { path: join(simulation, replaced) };
        if (!args.path.startsWith('.')) return undefined;
        const target = relative(sources, join(args.resolveDir, args.path.replace(/\.js$/, '.ts')));
        const other = PRODUCT[target];
        return other === undefined ? undefined : { path: join(simulation, other) };
      });
    },
  };
}

/** Writes the bundle of a simulation's program to `outfile`. */
export async function bundleSimulation(outfile: string, sources = root): Promise<void> {
  const simulation = join(sources, 'test/simulation');
  await build({
    absWorkingDir: sources,
    entryPoints: [join(simulation, 'main.ts')],
    outfile,
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'warning' },
    sourcemap: 'inline',
    inject: [join(simulation, 'replaced/inject.ts')],
    define: { 'Math.random': 'simulatedRandom', 'process.pid': 'simulatedPid' },
    plugins: [borders(sources)],
  });
}

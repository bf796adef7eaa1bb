// Builds dist/: the short path of the CLI as one minified CommonJS bundle (it starts a third faster than ES modules do),
// what a command loads on demand as chunks beside it, the servers and the dashboard as ES modules, and the web console for browsers.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { buildConsole } from './console.mjs';
import { licences } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  define: { __CTASK_VERSION__: JSON.stringify(version) },
};

/** What each bundle was made of. */
const metafiles = [];

async function build(options) {
  const { metafile } = await bundle({ ...options, metafile: true });
  metafiles.push(metafile);
}

/** Entries that dynamic imports of the CLI asked for: source file → name of its chunk. */
const chunks = new Map();

/** What `ctask ui` loads. */
const dashboard = join(root, 'cli', 'dashboard', 'program');

/** Leaves `import('./x.js')` of the CLI to run time: servers to dist/serve/x.js, the dashboard to dist/dashboard/program.js, all
 * else to a chunk beside main.js. */
const onDemand = (outdir) => ({
  name: 'on-demand',
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined;
      const source = resolve(args.resolveDir, args.path).replace(/\.js$/, '');
      const name = relative(root, source).split(sep).join('-');
      if (source.startsWith(join(root, 'cli', 'serve') + sep)) {
        return { path: posix(relative(outdir, join(dist, 'serve', `${basename(source)}.js`))), external: true };
      }
      if (source === dashboard) {
        return { path: posix(relative(outdir, join(dist, 'dashboard', 'program.js'))), external: true };
      }
      chunks.set(source, name);
      return { path: posix(relative(outdir, join(dist, 'cli', 'chunks', `${name}.js`))), external: true };
    });
  },
});
const posix = (path) => (path.startsWith('.') ? path : `./${path}`).split(sep).join('/');

/** Commander loads child_process for subcommands that are programs of their own; there are none, and it drags in sockets. */
const commanderAlone = {
  name: 'commander-alone',
  setup(builder) {
    builder.onResolve({ filter: /^node:child_process$/ }, (args) =>
      args.importer.includes(`${sep}commander${sep}`) ? { path: 'child_process', namespace: 'empty' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
  },
};

async function buildCli() {
  const cli = join(dist, 'cli');
  const options = { ...common, bundle: true, format: 'cjs', minify: true, keepNames: false };
  await build({
    ...options,
    entryPoints: ['cli/main.ts'],
    outfile: join(cli, 'main.js'),
    banner: { js: '#!/usr/bin/env node' },
    plugins: [onDemand(cli), commanderAlone],
  });
  const done = new Set();
  for (;;) {
    const next = [...chunks].find(([source]) => !done.has(source));
    if (next === undefined) break;
    const [source, name] = next;
    done.add(source);
    const outdir = join(cli, 'chunks');
    await build({
      ...options,
      entryPoints: [`${source}.ts`],
      outfile: join(outdir, `${name}.js`),
      plugins: [onDemand(outdir), commanderAlone],
    });
  }
  for (const file of [join(cli, 'main.js'), ...[...chunks.values()].map((name) => join(cli, 'chunks', `${name}.js`))])
    requireChunks(file);
  writeFileSync(join(cli, 'package.json'), '{"type":"commonjs"}\n');
  chmodSync(join(cli, 'main.js'), 0o755);
}

/** Loads chunks by require: import() would start Node's loader of ES modules, 10 ms that a short command can spare. Errors
 * stay rejections, and the servers stay import(), since they are ES modules. */
function requireChunks(file) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replaceAll(/\bimport\("(\.\/[^"]+\.js)"\)/g, (_, path) => `new Promise(r=>r(require("${path}")))`),
  );
}

/** `ctask --help` as main.js says it by itself: without a program to load it is half as slow. */
function writeHelp() {
  const cli = join(dist, 'cli');
  const help = execFileSync(process.execPath, [join(cli, 'main.js'), '--help'], { encoding: 'utf8' });
  writeFileSync(join(cli, 'help.txt'), help);
}

async function buildServers() {
  const outdir = join(dist, 'serve');
  const options = {
    ...common,
    bundle: true,
    format: 'esm',
    packages: 'external',
    outdir,
  };
  await build({
    ...options,
    splitting: true,
    entryPoints: {
      up: 'cli/serve/up.ts',
      center: 'cli/serve/center.ts',
      agent: 'cli/serve/agent.ts',
      backup: 'cli/serve/backup.ts',
      restore: 'cli/serve/restore.ts',
      coordination: 'cli/serve/coordination.ts',
      doctor: 'cli/serve/doctor.ts',
    },
    chunkNames: 'chunk-[hash]',
  });
  // Whole bundles: the runner must stay small, and a worker thread starts from one file, libraries included, in half the
  // time; only what is native or CommonJS stays outside.
  await build({ ...options, entryPoints: { runner: 'agent/runner/main.ts' } });
  await build({
    ...options,
    packages: 'bundle',
    external: ['better-sqlite3', 'pg'],
    entryPoints: { 'store-worker': 'center/store/worker/program.ts' },
  });
}

/** For the dashboard Ink is told what is known already: it runs on a terminal, and without the tools of React's developers,
 * which are not there. */
const inkAtWork = {
  name: 'ink-at-work',
  setup(builder) {
    builder.onResolve({ filter: /^(?:\.\/devtools\.js|is-in-ci)$/ }, ({ path, importer }) =>
      importer.includes(`${sep}ink${sep}build${sep}`) ? { path, namespace: 'known' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'known' }, () => ({ contents: 'export default false;' }));
  },
};

/** Libraries included, so that it starts fast; what it loads on demand are chunks of its own. */
async function buildDashboard() {
  await build({
    ...common,
    bundle: true,
    format: 'esm',
    splitting: true,
    minify: true,
    legalComments: 'none', // licences.txt has them
    define: { ...common.define, 'process.env.NODE_ENV': '"production"' },
    // Ink is of ES modules, React and some others are not: these ask for Node's modules by require.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    entryPoints: { program: `${dashboard}.ts` },
    chunkNames: 'chunk-[hash]',
    outdir: join(dist, 'dashboard'),
    plugins: [inkAtWork],
  });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
try {
  await buildCli();
  await buildServers();
  await buildDashboard();
  const ofConsole = await buildConsole(root, join(dist, 'console'), version);
  metafiles.push(ofConsole);
  writeFileSync(join(dist, 'console', 'licences.txt'), licences(root, [ofConsole])); // its settings link to them
  writeFileSync(join(dist, 'licences.txt'), licences(root, metafiles));
  writeHelp();
} catch (error) {
  if (error.errors === undefined) throw error;
  process.exitCode = 1; // esbuild has said what is wrong
}

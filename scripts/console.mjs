// Builds the web console: center/console/ → dist/console/, names after contents, compressed once.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Files smaller than this travel in one packet anyway. */
const COMPRESSED_MIN_BYTES = 1000;
const TEXT = new Set(['.html', '.js', '.css', '.svg']);

/** What the pure code of base/ and manifests/ asks of Node has a stand-in each (center/console/node/). The rest of Node is
 * undefined: only what no page reaches asks for it, and that is shaken off. */
const nodeless = (source) => ({
  name: 'nodeless',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('node:') ? `\0${id}` : undefined),
  async load(id) {
    if (!id.startsWith('\0node:')) return undefined;
    const name = id.slice('\0node:'.length);
    const standIn = join(source, 'node', `${name}.ts`);
    const there = existsSync(standIn);
    const known = there ? exportsOf(readFileSync(standIn, 'utf8')) : [];
    const absent = Object.keys(await import(`node:${name}`)).filter((key) => key !== 'default' && !known.includes(key));
    return [
      ...(there ? [`export * from ${JSON.stringify(standIn)};`] : []),
      `const absent = undefined; export { ${absent.map((key) => `absent as ${key}`).join(', ')} };`,
    ].join('\n');
  },
});

const exportsOf = (text) => [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);

/** Of few pages, though the modules of every page lead to them: schemas, and what reads and writes manifests. */
const FEW = /[\\/]@sinclair[\\/]typebox[\\/]|[\\/]yaml[\\/]|[\\/]manifests[\\/]/;
const ALL_THE_SAME =
  /[\\/]manifests[\\/](?:suspension|run-state|schedule[\\/]|kinds[\\/](?:calendar-words|run-states))/;

/** What every page needs, as one file: two dozen small ones, parted by what pages loaded later share with it, cost a browser more time
 * than their bytes do. */
const START = {
  name: 'start',
  tags: ['$initial'],
  test: (id) => !FEW.test(id) || ALL_THE_SAME.test(id),
  includeDependenciesRecursively: false,
};

/** Runs as soon as it is there, while the browser still reads the other one. */
const FIRST = { name: 'first', test: /[\\/]center[\\/]console[\\/]start[\\/]/, priority: 1 };

const firstScript = {
  name: 'first-script',
  /** Nothing is imported from it, and package.json says that such modules do nothing. */
  transform: (code, id) =>
    /[\\/]start[\\/]ask\.ts$/.test(id) ? { code, map: null, moduleSideEffects: true } : undefined,
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const { fileName } = Object.values(bundle).find(({ name }) => name === FIRST.name);
      const known = `<script type="module" crossorigin src="/console/${fileName}"></script>`;
      const charset = '<meta charset="utf-8" />';
      if (!html.includes(known) || !html.includes(charset)) throw new Error(`index.html has no place for ${fileName}`);
      const soon = known.replace('></script>', ' async fetchpriority="high"></script>');
      return html.replace(known, '').replace(charset, `${charset}\n    ${soon}`);
    },
  },
};

/** What each of Vite's chunks was made of, in the shape of esbuild's metafiles: for the licences. */
function metafileOf(root, output) {
  const outputs = {};
  for (const chunk of output) {
    if (chunk.type !== 'chunk') continue;
    const inputs = Object.entries(chunk.modules).map(([id, { renderedLength }]) => [
      relative(root, id.split('?')[0].replaceAll('\0', '')).split(sep).join('/'),
      { bytesInOutput: renderedLength ?? 0 },
    ]);
    outputs[chunk.fileName] = { inputs: Object.fromEntries(inputs) };
  }
  return { outputs };
}

function compress(directory) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !TEXT.has(extname(file)) || statSync(file).size < COMPRESSED_MIN_BYTES) continue;
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
  }
}

/** Returns what the bundles were made of. */
export async function buildConsole(root, outDir, version) {
  const source = join(root, 'center', 'console');
  const result = await build({
    root: source,
    configFile: false,
    base: '/console/',
    logLevel: 'warn',
    define: { __CTASK_VERSION__: JSON.stringify(version) },
    plugins: [nodeless(source), firstScript],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: { polyfill: false }, // it would be a script in the page
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: {
        checks: { moduleLevelDirective: false }, // "use client" means nothing here
        output: { codeSplitting: { groups: [FIRST, START] } },
      },
      chunkSizeWarningLimit: 1500,
    },
  });
  compress(outDir);
  return metafileOf(root, result.output);
}

// `npm test`: sets everything up, then checks, builds and tests; ends with one line "N passed, N failed".
// Arguments after `--` are test files or folders to run instead of all.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import {
  BUILD_PACKAGES,
  ensureNodeModules,
  ensureSystemPackages,
  requireNode,
  root,
  run,
  TEST_PACKAGES,
} from './setup.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

/**
 * Files run in groups, one group after the other; a file belongs to the last one that matches. So many `atOnce` suit a machine of
 * two cores.
 */
const GROUPS = [
  { files: /^/, atOnce: 2 },
  // Fleets of processes, which wait for time points most of the time, and what asks how soon something happens.
  {
    files:
      /^(test\/e2e\/(?!cli-(?!process))|test\/(chaos|console|simulation)\/|agent\/([^/]+\.test|runner\/|assignments\/))/,
    atOnce: 3,
  },
  // Judges what a fleet did in time.
  { files: /^test\/chaos\/(chaos|scenarios)\.test/, atOnce: 2 },
  // Uses all cores by itself.
  { files: /^test\/simulation\/simulation\.test/, atOnce: 1 },
];
/** Seconds without an end after which a test file counts as hung. */
const TIMEOUT_S = 1200;

function testFiles() {
  const entries = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !['node_modules', 'dist', '.git', '.tap'].includes(entry.name),
  );
  const found = entries.flatMap((entry) =>
    readdirSync(join(root, entry.name), { recursive: true }).map(
      (name) => `${entry.name}/${name.split(sep).join('/')}`,
    ),
  );
  return found.filter((name) => name.endsWith('.test.ts') && !name.includes('/node_modules/')).sort();
}

/** Runs one file as what it is, a program that speaks TAP. tap's own runner is left out: it loads instrumentation into every
 * process that a test starts, and these tests are about processes. */
async function runFile(file, totals) {
  const { Parser } = await import('tap-parser');
  const began = performance.now();
  const child = spawn(process.execPath, ['--import=tsx', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0', TAP_TIMEOUT: String(TIMEOUT_S) },
  });
  const hung = setTimeout(() => child.kill('SIGKILL'), (TIMEOUT_S + 30) * 1000);
  const before = totals.failed;
  const parser = new Parser();
  watchParser(parser, [file], totals);
  child.stdout.pipe(parser);
  const parsed = new Promise((resolve) => parser.on('complete', resolve));
  const code = await new Promise((resolve) => child.on('close', (exitCode, signal) => resolve(exitCode ?? signal)));
  clearTimeout(hung);
  const results = await parsed;
  if ((code !== 0 || !results.ok) && totals.failed === before) {
    totals.failed += 1;
    totals.failures.push({ where: `${file}: ended with ${code}${results.bailout ? `, ${results.bailout}` : ''}` });
  }
  const failures = totals.failures.filter(({ where }) => where.startsWith(file));
  console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${file} (${Math.round(performance.now() - began)} ms)`);
  // At once, and again at the end: whoever reads a part of the output should see it.
  for (const { where } of failures) console.log(`     ${where}`);
}

async function runFiles(files) {
  const totals = { passed: 0, failed: 0, skipped: [], failures: [] };
  const groupOf = (file) => GROUPS.findLast((group) => group.files.test(file));
  for (const group of GROUPS) {
    const queue = files.filter((file) => groupOf(file) === group);
    await runQueue(queue, group.atOnce, totals);
  }
  return totals;
}

async function runQueue(queue, concurrency, totals) {
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runFile(file, totals);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Counts leaf tests. A parser's children are its subtests. */
function watchParser(parser, path, totals) {
  const nested = new Set();
  parser.on('child', (child) => {
    nested.add(child.name);
    watchParser(child, [...path, child.name], totals);
  });
  parser.on('assert', (result) => {
    const isSubtest = nested.delete(result.name);
    const where = [...path, result.name].join(' > ');
    if (result.skip) totals.skipped.push(`${where}: ${result.skip === true ? '' : result.skip}`);
    else if (result.ok && !isSubtest) totals.passed += 1;
    else if (!result.ok && !isSubtest) {
      totals.failed += 1;
      totals.failures.push({ where, diag: result.diag });
    }
  });
}

/** A folder stands for the test files in it. A name that selects nothing is a mistake, and no test that passed. */
function selected(names) {
  const all = testFiles();
  const ofName = (name) => all.filter((file) => file === name || file.startsWith(`${name.replace(/\/$/, '')}/`));
  const unknown = names.filter((name) => ofName(name).length === 0);
  if (unknown.length > 0) {
    console.error(`no test file or folder: ${unknown.join(', ')}`);
    process.exit(2);
  }
  return [...new Set(names.flatMap(ofName))].sort();
}

requireNode();
ensureSystemPackages([...BUILD_PACKAGES, ...TEST_PACKAGES]);
ensureNodeModules();
const files = process.argv.slice(2);
if (files.length === 0) {
  run(bin('biome'), ['check', '--error-on-warnings', '.']);
  run(bin('tsc'), ['--noEmit']);
}
run(process.execPath, ['scripts/build.mjs']);

const totals = await runFiles(files.length > 0 ? selected(files) : testFiles());
for (const failure of totals.failures) {
  console.log(`\nFAILED ${failure.where}`);
  if (failure.diag) console.log(JSON.stringify(failure.diag, null, 2).slice(0, 4000));
}
if (totals.skipped.length > 0) {
  console.log(`\n${totals.skipped.length} SKIPPED:`);
  for (const line of totals.skipped) console.log(`  SKIPPED ${line}`);
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

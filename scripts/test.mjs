// `npm test`: sets everything up, then checks, builds and tests; ends with one line "N passed, N failed".
// Arguments after `--` are test files to run instead of all.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
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

/** Runs tap and returns what its TAP stream says, test by test. */
async function runTap(files) {
  const { Parser } = await import('tap-parser');
  const totals = { passed: 0, failed: 0, skipped: [], failures: [], exitCode: 0 };
  const child = spawn(bin('tap'), ['run', '--reporter=tap', '--disable-coverage', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  const parser = new Parser();
  watchParser(parser, [], totals);
  child.stdout.pipe(parser);
  const parsed = new Promise((resolve) => parser.on('complete', resolve));
  totals.exitCode = await new Promise((resolve) => child.on('close', resolve));
  await parsed;
  return totals;
}

/** Counts leaf tests, and prints one line per test file. A parser's children are its subtests. */
function watchParser(parser, path, totals) {
  const nested = new Set();
  parser.on('child', (child) => {
    nested.add(child.name);
    watchParser(child, [...path, child.name], totals);
  });
  parser.on('assert', (result) => {
    const isSubtest = nested.delete(result.name);
    const where = [...path, result.name].join(' > ');
    if (path.length === 0)
      console.log(
        `${result.ok ? 'ok  ' : 'FAIL'} ${result.name}${result.time ? ` (${Math.round(result.time)} ms)` : ''}`,
      );
    if (result.skip) totals.skipped.push(`${where}: ${result.skip === true ? '' : result.skip}`);
    else if (result.ok && !isSubtest) totals.passed += 1;
    else if (!result.ok && !isSubtest) {
      totals.failed += 1;
      totals.failures.push({ where, diag: result.diag });
    }
  });
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

// tap composes its test class from the plugins of .taprc; left to the first run, that run would still have the default ones.
run(bin('tap'), ['build'], { stdio: ['ignore', 'ignore', 'inherit'] });
const totals = await runTap(files);
for (const failure of totals.failures) {
  console.log(`\nFAILED ${failure.where}`);
  if (failure.diag) console.log(JSON.stringify(failure.diag, null, 2).slice(0, 4000));
}
if (totals.skipped.length > 0) {
  console.log(`\n${totals.skipped.length} SKIPPED:`);
  for (const line of totals.skipped) console.log(`  SKIPPED ${line}`);
}
if (totals.exitCode !== 0 && totals.failed === 0) totals.failed = 1;
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

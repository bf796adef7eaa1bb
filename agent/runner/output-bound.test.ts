import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readGaps } from './attempt-files.js';
import { createRig, exitOf, until } from './fixtures/rig.js';
import { enforceOutputBound } from './output-bound.js';

const MIB = 1024 * 1024;

t.test('under the bound nothing is touched', (t) => {
  const directory = t.testdir({ stdout: 'x'.repeat(1000), stderr: 'y' });
  enforceOutputBound(directory, 1001);
  t.equal(readFileSync(join(directory, 'stdout'), 'utf8').length, 1000);
  t.same(readGaps(directory), []);
  enforceOutputBound(t.testdir({}), 1);
  t.end();
});

t.test('over it the older part becomes an announced gap; positions stay', (t) => {
  const directory = t.testdir({ stderr: 'short' });
  const path = join(directory, 'stdout');
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join(''));
  writeFileSync(path, content);
  enforceOutputBound(directory, MIB);
  const [gap, ...others] = readGaps(directory);
  t.match(gap, { stream: 'stdout', offset: 0 });
  t.same(others, [], 'a short stream is not worth cutting');
  const after = readFileSync(path);
  t.equal(after.length, content.length);
  t.ok(after.subarray(gap?.bytes).equals(content.subarray(gap?.bytes)), 'what comes after the gap is as it was');
  t.ok(after.subarray(0, gap?.bytes).every((byte) => byte === 0));
  t.ok(content.length - (gap?.bytes ?? 0) >= 64 * 1024, 'the last lines are kept');
  t.ok(statSync(path).blocks * 512 < MIB, 'the space is free');

  appendFileSync(path, 'more');
  enforceOutputBound(directory, MIB);
  t.equal(readGaps(directory).length, 1, 'length alone does not count again');
  t.equal(readFileSync(path, 'latin1').slice(content.length), 'more');
  t.end();
});

t.test('the runner bounds a command that floods, and it goes on', async (t) => {
  const rig = createRig(t);
  const client = await rig.client();
  const script = 'head -c 8000000 /dev/zero | tr "\\0" x; while [ ! -e go ]; do sleep 0.02; done; echo; echo the end';
  const request = rig.attempt('flood', ['/bin/sh', '-c', script], { outputMaxBytes: MIB });
  const exit = exitOf(client, request.directory);
  await client.launch({ ...request, workingDir: request.directory });
  await until(
    () => readGaps(request.directory).length > 0 && statSync(join(request.directory, 'stdout')).size >= 8_000_000,
  );
  writeFileSync(join(request.directory, 'go'), '');
  t.match(await exit, { exitCode: 0 });
  const output = rig.read('flood', 'stdout');
  t.match(output.slice(-9), /the end\n/);
  t.equal(output.length, 8_000_009);
});

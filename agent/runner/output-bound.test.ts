import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readGaps } from './attempt-files.js';
import { createRig, exitOf, until } from './fixtures/rig.js';
import { type DiskBound, diskBound, enforceOutputBound } from './output-bound.js';

const MIB = 1024 * 1024;
const quota = (outputMaxBytes: number) => diskBound({ outputMaxBytes }) as DiskBound;

t.test('under the bound nothing is touched', (t) => {
  const directory = t.testdir({ stdout: 'x'.repeat(1000), stderr: 'y' });
  enforceOutputBound(directory, quota(1001));
  t.equal(readFileSync(join(directory, 'stdout'), 'utf8').length, 1000);
  t.same(readGaps(directory), []);
  enforceOutputBound(t.testdir({}), quota(1));
  t.end();
});

t.test('over it the older part becomes an announced gap; positions stay', (t) => {
  const directory = t.testdir({ stderr: 'short' });
  const path = join(directory, 'stdout');
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join(''));
  writeFileSync(path, content);
  enforceOutputBound(directory, quota(MIB));
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
  enforceOutputBound(directory, quota(MIB));
  t.equal(readGaps(directory).length, 1, 'length alone does not count again');
  t.equal(readFileSync(path, 'latin1').slice(content.length), 'more');
  t.end();
});

t.test('of an output that its task bounds the beginning stays, too', async (t) => {
  const bound = diskBound({ outputMaxBytes: 256 * MIB, logMaxBytes: MIB });
  t.same(bound, { maxBytes: 3 * MIB, headBytes: MIB / 2, tailBytes: MIB / 2 });
  t.match(diskBound({ outputMaxBytes: 600, logMaxBytes: MIB }), { maxBytes: 600, headBytes: 100 }, 'the quota wins');
  t.match(diskBound({ logMaxBytes: 512 * MIB }), { headBytes: 256 * MIB, tailBytes: 8 * MIB });
  t.equal(diskBound({}), undefined);
  const directory = t.testdir({ stderr: 'short' });
  const path = join(directory, 'stdout');
  const content = Buffer.from(Array.from({ length: 500_000 }, (_, i) => `line ${i}\n`).join(''));
  writeFileSync(path, content);
  enforceOutputBound(directory, bound as DiskBound);
  const after = readFileSync(path);
  t.equal(after.length, content.length);
  t.same(readGaps(directory), [{ stream: 'stdout', offset: MIB / 2, bytes: content.length - MIB }]);
  t.ok(after.subarray(0, MIB / 2).equals(content.subarray(0, MIB / 2)));
  t.ok(after.subarray(-MIB / 2).equals(content.subarray(-MIB / 2)));
  t.ok(statSync(path).blocks * 512 < 1.2 * MIB, 'the space is free');
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

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { systemClock } from '../../base/index.js';
import { posix } from './posix.js';
import { parseMemory, proportionalBytes, reapedCpuMs, usageOfTrees } from './tree-usage.js';

const MB = 1_000_000;
const linux = process.platform === 'linux' ? {} : { skip: 'only Linux has /proc' };
const rootOf = (pid: number) => ({
  pid,
  processStart: posix.processStart(pid) ?? '',
  marks: [],
  known: new Map<number, string>(),
});

function usageOf(roots: ReturnType<typeof rootOf>[]) {
  const look = usageOfTrees(roots);
  for (;;) {
    const step = look.next();
    if (step.done === true) return step.value;
  }
}

t.test('a tree is measured as a whole, and no other process', linux, async (t) => {
  // The tail keeps 50 MB, since nobody reads its output.
  const script = 'head -c 50000000 /dev/zero | tail -c 50000000 | sleep 1000';
  const big = spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' });
  const small = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' });
  t.teardown(() => {
    for (const { pid } of [big, small]) process.kill(-(pid ?? 0), 'SIGKILL');
  });
  const roots = [rootOf(big.pid ?? 0), rootOf(small.pid ?? 0)];
  let [first, second] = usageOf(roots);
  let whole = 0;
  // What the tree shares with others is in the resident sum, so that sum may reach the size before the tail does.
  while (whole < 50 * MB) {
    await systemClock.sleep(5);
    [first, second] = usageOf(roots);
    whole = proportionalBytes(first?.pids ?? []);
  }
  t.ok((first?.pids.length ?? 0) >= 3, 'shell, tail and sleep');
  t.ok((first?.residentBytes ?? 0) >= 50 * MB, `${first?.residentBytes} bytes`);
  t.ok((first?.peakBytes ?? 0) >= (first?.residentBytes ?? 0));
  t.same(second?.pids, [small.pid]);
  t.ok((second?.peakBytes ?? 0) < 50 * MB);
  t.match(usageOf([{ ...roots[1]!, processStart: '1' }]), [{ pids: [] }], 'a pid that was given to somebody else');
});

t.test('CPU time of children that were waited for', linux, async (t) => {
  const before = reapedCpuMs() ?? Number.NaN;
  await once(spawn('/bin/sh', ['-c', 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done']), 'exit');
  const took = (reapedCpuMs() ?? 0) - before;
  t.ok(took >= 20, `${took} ms`);
});

t.test('memory as the kernel writes it', async (t) => {
  t.same(parseMemory('Name:\tsh\nVmHWM:\t    1784 kB\nVmRSS:\t     900 kB\nThreads:\t1\n'), {
    residentBytes: 900 * 1024,
    peakBytes: 1784 * 1024,
  });
  t.same(parseMemory('Name:\tkthreadd\n'), { residentBytes: 0, peakBytes: 0 });
});

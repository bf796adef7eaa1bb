import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { LogChunk } from '../../manifests/index.js';
import { AgentBench } from '../../test/support/agent-bench.js';
import { startOnDemand, untilLogEnded } from '../../test/support/agent-helpers.js';
import { readGaps } from '../runner/attempt-files.js';
import { AttemptLog } from './attempt-log.js';
import { decideGaps, headLeft } from './log-bound.js';

const KIB = 1024;

t.test('what is sent while the process may still write', async (t) => {
  t.equal(headLeft(1000, { stdout: 0, stderr: 0 }), 500);
  t.equal(headLeft(1000, { stdout: 300, stderr: 150 }), 50);
  t.equal(headLeft(1000, { stdout: 700, stderr: 0 }), 0);
});

t.test('what is left out at the end', async (t) => {
  const gap = (stream: string, offset: number, bytes: number) => ({ stream, offset, bytes, cause: 'maxBytes' });
  const decide = (sizes: [number, number], stored: [number, number]) =>
    decideGaps(1000, { stdout: sizes[0], stderr: sizes[1] }, { stdout: stored[0], stderr: stored[1] });
  t.same(decide([600, 400], [500, 0]), [], 'it fits');
  t.same(decide([5000, 0], [500, 0]), [gap('stdout', 500, 4000)]);
  t.same(decide([5000, 100], [400, 100]), [gap('stdout', 400, 4100)]);
  t.same(decide([5000, 0], [0, 0]), [gap('stdout', 500, 4000)], 'nothing was sent yet');
  t.same(decide([5000, 4000], [0, 0]), [gap('stdout', 250, 4500), gap('stderr', 250, 3500)]);
  t.same(decide([5000, 100], [500, 0]), [gap('stdout', 500, 4100)], 'the short stream is kept whole');
  t.same(decide([100, 5000], [0, 500]), [gap('stderr', 500, 4100)]);
  t.same(decide([2000, 5000], [250, 250]), [gap('stdout', 250, 1500), gap('stderr', 250, 4500)], 'half for each');
  t.same(decide([1001, 0], [1001, 0]), [], 'all of it was sent before the bound was known');
  for (const sizes of [
    [10_000, 3],
    [777, 9999],
    [4000, 4001],
  ] as const) {
    const gaps = decide([...sizes], [200, 3]);
    const kept = sizes[0] + sizes[1] - gaps.reduce((sum, { bytes }) => sum + bytes, 0);
    t.ok(kept <= 1000 && kept >= 999, `${kept} of ${sizes}`);
  }
});

/** Takes chunks as the center does. */
class Taker {
  text = '';
  private readonly position = { stdout: 0, stderr: 0 };

  take(log: AttemptLog, chunks: readonly LogChunk[]): void {
    let ended = false;
    for (const { header, payload } of chunks) {
      this.position[header.stream] += header.gapBytes ?? payload.length;
      this.text += Buffer.from(payload).toString();
      ended ||= header.end === true;
    }
    log.apply({ runUid: 'r', attempt: 1, ...this.position, ended });
  }
}

t.test('head, gap and tail; a restart in between decides nothing anew', async (t) => {
  const directory = t.testdir({ stderr: '', started: JSON.stringify({ pid: 1, logMaxBytes: 100 * KIB }) });
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('');
  const taker = new Taker();
  writeFileSync(join(directory, 'stdout'), lines(0, 20_000));
  const log = new AttemptLog({ runUid: 'r', attempt: 1, directory, isNew: true });
  for (let chunks = log.nextChunks(0, KIB * 20); chunks.length > 0; chunks = log.nextChunks(0, KIB * 20)) {
    taker.take(log, chunks);
  }
  t.equal(taker.text.length, 50 * KIB, 'the head, while it runs');
  writeFileSync(join(directory, 'stdout'), lines(0, 40_000));
  t.same(log.nextChunks(0, KIB), []);
  log.end();
  taker.take(log, log.nextChunks(0, KIB));
  const [gap, ...others] = readGaps(directory);
  t.match(gap, { stream: 'stdout', offset: 50 * KIB, cause: 'maxBytes' });
  t.same(others, []);

  const again = new AttemptLog({ runUid: 'r', attempt: 1, directory, isNew: false });
  again.end();
  again.nextChunks(0, KIB);
  taker.take(again, []);
  while (!again.shipped) taker.take(again, again.nextChunks(0, KIB * 20));
  t.equal(readGaps(directory).length, 1);
  const [head = '', tail = ''] = taker.text.split(
    `\n[ctask: ${gap?.bytes} bytes of output were left out: over logs.maxBytes of the task]\n`,
  );
  t.ok(lines(0, 40_000).startsWith(head));
  t.ok(lines(0, 40_000).endsWith(tail));
  t.match(tail, /^line \d+\n/, 'the tail begins with a whole line');
  t.ok(head.length + tail.length <= 100 * KIB && head.length + tail.length > 99 * KIB);
});

t.test('an agent keeps what a task says of its output', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ logs: { maxBytes: '128Ki' }, run: { script: 'seq 1 300000; echo the end >&2' } });
  await bench.allocate('a1', [task]);
  const run = startOnDemand(bench, task);
  t.match(await agent.events.next('ended'), { state: 'Succeeded' });
  await untilLogEnded(bench, run.uid);
  const out = bench.center.text(run.uid, 1, 'stdout');
  t.match(out.slice(0, 6), '1\n2\n3\n');
  t.match(out.slice(-7), '300000\n');
  t.match(out, /\n\[ctask: \d+ bytes of output were left out: over logs\.maxBytes of the task\]\n\d+\n/);
  t.ok(out.length <= 129 * KIB, `${out.length} bytes`);
  t.equal(bench.center.text(run.uid, 1, 'stderr'), 'the end\n');
});

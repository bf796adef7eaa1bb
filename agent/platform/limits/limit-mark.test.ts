import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { limitMark, markInLimits } from './limit-mark.js';
import { openOwnLimits } from './own-limits.js';

const linux = process.platform !== 'linux' && 'only Linux has such a limit';
const line = (soft: string, hard: string) =>
  `Max realtime timeout      ${soft.padEnd(21)}${hard.padEnd(21)}us        \n`;

t.test('a number that bounds nothing, fits a signed one, and stands for all of the marks', async (t) => {
  const numbers = new Set<string>();
  const marks = fc
    .tuple(fc.uuid(), fc.integer({ min: 1, max: 9 }))
    .map(([run, attempt]) => [`RUN=${run}`, `N=${attempt}`]);
  fc.assert(
    fc.property(marks, (each) => {
      const mark = limitMark(each)!;
      const years = Number(BigInt(mark) / 1_000_000n / 86_400n / 365n);
      numbers.add(mark);
      return years > 100_000 && BigInt(mark) < 2n ** 63n && markInLimits(line(mark, 'unlimited')) === mark;
    }),
  );
  t.ok(numbers.size > 90, 'not one for all');
  t.not(limitMark(['RUN=a', 'N=1']), limitMark(['RUN=a', 'N=2']));
  t.equal(limitMark([]), undefined);
});

t.test('other limits are no mark', async (t) => {
  t.equal(markInLimits(line('unlimited', 'unlimited')), undefined);
  t.equal(markInLimits(line('200000', '200000')), undefined, 'a real bound');
  t.equal(markInLimits('Max cpu time 4611686018427397903 unlimited seconds\n'), undefined);
  t.equal(markInLimits(''), undefined, 'the process is gone');
});

t.test('what is started has it through everything, and this process only meanwhile', { skip: linux }, async (t) => {
  const own = readFileSync('/proc/self/limits', 'utf8');
  const limits = await openOwnLimits();
  const marks = ['RUN=a'];
  const script = 'env -i setsid -w /bin/sh -c "/bin/cat /proc/self/limits"';
  const { stdout } = limits.marked(marks, () => spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }));
  t.equal(markInLimits(stdout), limitMark(marks));
  t.equal(readFileSync('/proc/self/limits', 'utf8'), own);
  t.throws(() => limits.marked(marks, () => JSON.parse('{')), SyntaxError);
  t.equal(readFileSync('/proc/self/limits', 'utf8'), own, 'also when the start fails');
});

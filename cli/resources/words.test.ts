import t from 'tap';
import { whyWords } from './words.js';

t.test('why a run has ended', async (t) => {
  const table: [Parameters<typeof whyWords>[0], string][] = [
    [{}, ''],
    [{ exitCode: 0 }, ' (exit code 0)'],
    [{ exitCode: 3, reason: 'ExitCode', message: 'exit code 3' }, ' (exit code 3)'],
    [{ signal: 'SIGSEGV', reason: 'Signal' }, ' (signal SIGSEGV)'],
    [{ signal: 'SIGKILL', reason: 'MemoryLimit', message: 'more than it may' }, ' (MemoryLimit: more than it may)'],
    [{ exitCode: 143, reason: 'Timeout' }, ' (Timeout)'],
    [{ reason: 'StartFailed', message: 'no such program' }, ' (StartFailed: no such program)'],
  ];
  for (const [end, words] of table) t.equal(whyWords(end), words);
});

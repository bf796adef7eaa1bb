import { readFileSync } from 'node:fs';
import { messageOf } from '../../../base/index.js';
import { limitMark } from './limit-mark.js';

/** Lends this process a mark (limit-mark.ts). */
export interface OwnLimits {
  /** Calls `start`; what it starts has the limit that stands for these marks, and this process has it only meanwhile. */
  marked<T>(marks: readonly string[], start: () => T): T;
}

/** Of <asm-generic/resource.h>, the same for all architectures below. */
const RLIMIT_RTTIME = 15;
/** Those on which a limit has 64 bits whatever the C library. */
const ARCHITECTURES: ReadonlySet<string> = new Set(['x64', 'arm64', 'ppc64', 'riscv64', 'loong64', 's390x']);

/**
 * Node has no setrlimit, and a program that sets limits and then becomes another one (prlimit) costs half of a start: the call
 * goes to the C library. Throws where that cannot be: not Linux, no such library here, or the limit is bounded already.
 */
export async function openOwnLimits(): Promise<OwnLimits> {
  if (process.platform !== 'linux' || !ARCHITECTURES.has(process.arch))
    throw new Error('this system has no such limit');
  const found = /^Max realtime timeout +(\S+) +(\S+) /m.exec(readFileSync('/proc/self/limits', 'utf8'));
  if (found?.[2] !== 'unlimited')
    throw new Error('the real-time limit of the runner is bounded already (ulimit -H -R)');
  const { default: koffi } = await import('koffi').catch((error: unknown) => {
    throw new Error(`koffi cannot be loaded: ${messageOf(error)}`);
  });
  const setrlimit = koffi.load(null).func('int setrlimit(int resource, const uint64_t *limit)');
  const unlimited = 2n ** 64n - 1n;
  const own = BigUint64Array.of(found[1] === 'unlimited' ? unlimited : BigInt(found[1] ?? 0), unlimited);
  const lent = BigUint64Array.of(unlimited, unlimited);
  return {
    marked(marks, start) {
      const mark = limitMark(marks);
      if (mark === undefined) return start();
      lent[0] = BigInt(mark);
      setrlimit(RLIMIT_RTTIME, lent);
      try {
        return start();
      } finally {
        setrlimit(RLIMIT_RTTIME, own);
      }
    },
  };
}

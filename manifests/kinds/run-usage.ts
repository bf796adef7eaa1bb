import { Type } from '@sinclair/typebox';

/** Fields of an attempt that say what it took of its machine. */
export const attemptUsage = {
  cpuMilliseconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'CPU time in ms, user and system, of the processes of the attempt, as far as it was seen.',
    }),
  ),
  peakMemoryBytes: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'The most resident memory that was seen; absent when the attempt ended before the first look.',
    }),
  ),
  usageSource: Type.Optional(
    Type.Unsafe<'Cgroup' | 'Sampled'>({
      type: 'string',
      enum: ['Cgroup', 'Sampled'],
      description:
        'Where these figures are from. Cgroup: the kernel, for all processes together. Sampled: a look every second, and for CPU time also what the system counts at the end of a process: true values may be higher.',
    }),
  ),
};

import { Type } from '@sinclair/typebox';
import { Bytes } from './metadata.js';

const LIMITS_MAX = 1_000_000;

export const CPU_PATTERN = '^([1-9]\\d{0,5}m|\\d{1,4}(\\.\\d{1,3})?)$';

export const Resources = Type.Object(
  {
    limits: Type.Optional(
      Type.Object(
        {
          cpu: Type.Optional(
            Type.String({
              pattern: CPU_PATTERN,
              description:
                'Cores that the processes of an attempt may keep busy together, "500m" being half of one. Needs a cgroup; is not enforced elsewhere.',
              examples: ['500m', '2'],
            }),
          ),
          memory: Type.Optional(
            Bytes(
              'Memory that the processes of an attempt may have together. With more than that they are ended, and the attempt fails with MemoryLimit.',
              { examples: ['512Mi'] },
            ),
          ),
          pids: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: LIMITS_MAX,
              description:
                'Processes that an attempt may have at a time. In a cgroup further ones cannot be started; elsewhere the attempt is ended and fails with PidLimit.',
              examples: [64],
            }),
          ),
          openFiles: Type.Optional(
            Type.Integer({
              minimum: 16,
              maximum: LIMITS_MAX,
              description: 'Files that each process may have open.',
            }),
          ),
          fileSize: Type.Optional(Bytes('Size of each file that a process writes, its output among them.')),
        },
        { additionalProperties: false, description: 'The most that an attempt may use.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'What an attempt may use of its machine.' },
);

const BY = ['Cgroup', 'Prlimit', 'Sampled', 'NotEnforced'] as const;
const limitedBy = (what: string) =>
  Type.Optional(
    Type.Unsafe<(typeof BY)[number]>({ type: 'string', enum: [...BY], description: `Who held the limit on ${what}.` }),
  );

/** Field of an attempt: how its limits were held. */
export const attemptLimits = Type.Optional(
  Type.Object(
    {
      cpu: limitedBy('CPU time'),
      memory: limitedBy('memory'),
      pids: limitedBy('processes'),
      openFiles: limitedBy('open files'),
      fileSize: limitedBy('the size of files'),
    },
    {
      additionalProperties: false,
      description:
        'How the limits of the task were held: by the kernel for all processes together (Cgroup) or for each (Prlimit), by looking five times a second (Sampled), or not at all (NotEnforced).',
    },
  ),
);

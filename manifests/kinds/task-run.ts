// What a task starts, and when it is tried again.
import { type Static, Type } from '@sinclair/typebox';
import { Duration, LIST_MAP_KEY, NAME_PATTERN } from './metadata.js';
import { PackageRef } from './package-ref.js';
import { runAs } from './run-as.js';

export const EnvVar = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      description: 'Name of the variable; CTASK_ is reserved.',
    }),
    value: Type.Optional(Type.String({ description: 'Value of the variable; may hold $(params.NAME).' })),
    valueFrom: Type.Optional(
      Type.Object(
        {
          secret: Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: 'Name of the Secret.' }),
          key: Type.String({ minLength: 1, description: 'Key of the value in it.' }),
        },
        {
          additionalProperties: false,
          description: 'Takes the value from a Secret of the namespace; an attempt without it fails to start.',
        },
      ),
    ),
  },
  { additionalProperties: false, description: 'One environment variable: exactly one of value and valueFrom.' },
);

export const RunTemplate = Type.Object(
  {
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Program and arguments, started without a shell; arguments may hold $(params.NAME).',
        examples: [['/opt/report.sh', '--daily']],
      }),
    ),
    script: Type.Optional(
      Type.String({ minLength: 1, description: 'Text of a script, given to the interpreter as a file.' }),
    ),
    interpreter: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Program and arguments that run the script; the path of the script follows. /bin/sh unless given (Windows: cmd.exe); a #! line is not looked at.',
      }),
    ),
    package: Type.Optional(PackageRef),
    env: Type.Optional(
      Type.Array(EnvVar, {
        [LIST_MAP_KEY]: 'name',
        description: 'Environment variables, besides a small clean set and CTASK_*.',
      }),
    ),
    envFrom: Type.Optional(
      Type.Array(
        Type.Object(
          {
            secret: Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: 'Name of the Secret.' }),
            prefix: Type.Optional(
              Type.String({
                pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
                maxLength: 63,
                description: 'Put before each key to make the name of its variable.',
              }),
            ),
          },
          { additionalProperties: false, description: 'One Secret of the namespace.' },
        ),
        {
          maxItems: 16,
          description:
            'Secrets whose keys are all environment variables; later ones win over earlier ones, and env over all of them.',
        },
      ),
    ),
    workingDir: Type.Optional(
      Type.String({ description: "Working directory; the attempt's own empty directory unless given." }),
    ),
    stdin: Type.Optional(Type.String({ description: 'Text given to standard input; empty unless given.' })),
    ...runAs,
  },
  { additionalProperties: false, description: 'What a run executes: exactly one of command and script.' },
);
export type RunTemplate = Static<typeof RunTemplate>;

export const RetryPolicy = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, default: 0, description: 'Attempts after the first one.' }),
    ),
    backoff: Type.Optional(
      Type.Object(
        {
          initial: Type.Optional(
            Duration('Wait before the second attempt; doubles with each further one, unless factor says otherwise.', {
              default: '10s',
            }),
          ),
          max: Type.Optional(Duration('Longest wait between attempts.', { default: '5m' })),
          factor: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10,
              description: 'Each wait is so many times as long as the one before it; 2 unless given.',
            }),
          ),
          jitter: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 100,
              description:
                'Part of a wait, in percent, by at most which it is shortened, at random but fixed per run and attempt, so that what failed together is not tried again together; 10 unless given.',
            }),
          ),
        },
        { additionalProperties: false, default: {}, description: 'Waits between attempts.' },
      ),
    ),
    agent: Type.Optional(
      Type.Union([Type.Literal('Same'), Type.Literal('Other')], {
        description:
          'Who makes the next attempt of a scheduled run: the same agent, or one that has made none of its attempts, if there is one (Other: the task, or shard, moves there and stays; waits are at least 5s). Same unless given; not with placement.mode EveryAgent.',
      }),
    ),
    onExitCodes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), {
        description: 'Retry only after these exit codes; after any failure unless given.',
      }),
    ),
  },
  { additionalProperties: false, default: {}, description: 'Whether and when a failed attempt is made again.' },
);

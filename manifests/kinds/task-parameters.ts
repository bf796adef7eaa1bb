// What a run of the task may be given, and what it has when nothing is given.
import { type Static, Type } from '@sinclair/typebox';
import { LIST_MAP_KEY } from './metadata.js';

/** A form with more fields is a file; the values of a run are bounded by their size besides (`PARAMETERS_MAX_BYTES`). */
export const PARAMETERS_MAX = 64;
export const PARAMETER_NAME_PATTERN = '^[A-Za-z][-A-Za-z0-9_]*$';

export const TaskParameter = Type.Object(
  {
    name: Type.String({
      pattern: PARAMETER_NAME_PATTERN,
      maxLength: 63,
      description:
        'Name of the parameter. Processes see its value as CTASK_PARAM_ and the name in capitals, with "_" for "-".',
      examples: ['region', 'dry-run'],
    }),
    type: Type.Optional(
      Type.Union([Type.Literal('String'), Type.Literal('Integer'), Type.Literal('Number'), Type.Literal('Boolean')], {
        default: 'String',
        description: 'What its values are; they are written as text, also those of numbers.',
      }),
    ),
    description: Type.Optional(Type.String({ maxLength: 1024, description: 'What it is for.' })),
    default: Type.Optional(
      Type.String({
        description: 'Value of runs that are given none, those by schedule among them.',
        examples: ['eu', '3', 'true'],
      }),
    ),
    required: Type.Optional(
      Type.Boolean({
        description:
          'Whether a run without a value is refused; a default is a value. Without both the variable is not there. False unless given.',
      }),
    ),
    values: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 100,
        description: 'The only values it may have. Not with type Boolean.',
        examples: [['eu', 'us', 'apac']],
      }),
    ),
    minimum: Type.Optional(Type.Integer({ description: 'Smallest value. Types Integer and Number only.' })),
    maximum: Type.Optional(Type.Integer({ description: 'Greatest value. Types Integer and Number only.' })),
    maxLength: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_536, description: 'Most characters of a value. Type String only.' }),
    ),
  },
  { additionalProperties: false, description: 'One parameter of the runs of the task.' },
);
export type TaskParameter = Static<typeof TaskParameter>;

export const TaskParameters = Type.Array(TaskParameter, {
  [LIST_MAP_KEY]: 'name',
  maxItems: PARAMETERS_MAX,
  description:
    'What a run may be given. Arguments of run.command and values of run.env may hold $(params.NAME). Everybody who may read runs can read the values: no place for secrets.',
});

/** A value that a run has, as its process sees it. */
export const ParameterValue = Type.Object(
  {
    name: Type.String({ description: 'Name of the parameter.' }),
    value: Type.String({ description: 'Value of the parameter.' }),
  },
  { additionalProperties: false, description: 'One parameter of the run.' },
);
export type ParameterValue = Static<typeof ParameterValue>;

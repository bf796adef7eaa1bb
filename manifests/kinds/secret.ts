import { type Static, Type } from '@sinclair/typebox';
import { kindSchema } from './metadata.js';

/** What a stored value reads as: says whether two values are the same, and nothing else. No base64 text begins so. */
export const SEALED = 'sealed:';

export const Secret = kindSchema(
  'Secret',
  'Values that tasks get as environment variables and that nobody can read back.',
  Type.Object(
    {
      stringData: Type.Optional(
        Type.Record(Type.String(), Type.String(), {
          description:
            'Values as plain text, by key. For writing only: they come back under data, as marks. A key here wins over the same key in data.',
          examples: [{ url: 'postgres://billing:hunter2@db/ledger' }],
        }),
      ),
      data: Type.Optional(
        Type.Record(Type.String(), Type.String(), {
          description:
            'Values by key, in base64 when they are written. When they are read, each is a mark ("sealed:…") that changes with the value; written back, it stands for the value that is there.',
        }),
      ),
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Type.Object({}, { additionalProperties: false, description: 'Always empty.' }),
);
export type Secret = Static<typeof Secret>;

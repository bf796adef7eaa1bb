import { Type } from '@sinclair/typebox';
import { Bytes } from './metadata.js';

/** Below this there is no room for a head and a tail that say something. Output that is shorter is never looked at. */
export const LOG_MAX_BYTES_MIN = 64 * 1024;

export const TaskLogs = Type.Object(
  {
    maxBytes: Type.Optional(
      Bytes(
        'The most bytes of output that are kept of one attempt, stdout and stderr together, at least 64Ki. Of more than that the first half and the last part are kept, with a line between them that says how much was left out; the last part appears when the attempt has ended. Unlimited unless given, but for the quota of the agent.',
        { examples: ['1Mi'] },
      ),
    ),
  },
  { additionalProperties: false, description: 'What is kept of the output of an attempt.' },
);

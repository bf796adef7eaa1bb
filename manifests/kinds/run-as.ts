import { Type } from '@sinclair/typebox';

/** Account names as useradd takes them. Numbers are refused: they would name whoever happens to have them on an agent. */
export const ACCOUNT_PATTERN = '^[A-Za-z_][A-Za-z0-9_.-]{0,31}$';
export const UMASK_PATTERN = '^0?[0-7]{3}$';

/** Fields of a run that say as whom its processes run. */
export const runAs = {
  user: Type.Optional(
    Type.String({
      pattern: ACCOUNT_PATTERN,
      description:
        "Name of the account that the processes run as; the agent's own unless given. Each agent allows certain ones only (ctask agent --run-as); elsewhere the run fails with StartFailed.",
      examples: ['www-data'],
    }),
  ),
  group: Type.Optional(
    Type.String({
      pattern: ACCOUNT_PATTERN,
      description: "Name of their group; the user's own unless given. It is allowed as the user is.",
    }),
  ),
  umask: Type.Optional(
    Type.String({
      pattern: UMASK_PATTERN,
      description: "Permissions that files they make do not get, in octal; the agent's own unless given.",
      examples: ['027'],
    }),
  ),
};

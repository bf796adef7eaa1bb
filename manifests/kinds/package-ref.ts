import { type Static, Type } from '@sinclair/typebox';
import { LABEL_NAME_PATTERN } from './metadata.js';

/** SHA-256 of the bytes of a package as they were uploaded; names one version of it. */
export const PACKAGE_DIGEST_PATTERN = '^sha256:[0-9a-f]{64}$';

export const PackageRef = Type.Object(
  {
    name: Type.String({
      maxLength: 63,
      pattern: LABEL_NAME_PATTERN,
      description: 'Name of a Package of the namespace.',
    }),
    digest: Type.Optional(
      Type.String({
        pattern: PACKAGE_DIGEST_PATTERN,
        description:
          'The version that runs, by its SHA-256; filled in with the current version of the package unless given, and kept until it is changed.',
        examples: ['sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Files that the run needs. Its directory is CTASK_PACKAGE_DIR; a relative path in command[0] and a relative workingDir are below it.',
  },
);
export type PackageRef = Static<typeof PackageRef>;

import { type Static, Type } from '@sinclair/typebox';
import { kindSchema, Timestamp } from './metadata.js';
import { PACKAGE_DIGEST_PATTERN } from './package-ref.js';

/** Versions of a package that are kept, the current one included: as many as revisions of a task. */
export const PACKAGE_VERSIONS_MAX = 20;

export const PackageVersion = Type.Object(
  {
    version: Type.Integer({ minimum: 1, description: 'Number of the version, counted up.' }),
    digest: Type.String({ pattern: PACKAGE_DIGEST_PATTERN, description: 'SHA-256 of the uploaded file.' }),
    bytes: Type.Integer({ description: 'Size of the uploaded file.' }),
    format: Type.Union([Type.Literal('TarGz'), Type.Literal('Zip')], { description: 'What the uploaded file is.' }),
    time: Timestamp('When the version was made.'),
    author: Type.String({ description: 'Who made it.' }),
    currentTime: Timestamp('When it became the current version, the last time.'),
  },
  { additionalProperties: false, description: 'One uploaded file.' },
);
export type PackageVersion = Static<typeof PackageVersion>;

export const Package = kindSchema(
  'Package',
  'Files that tasks run, uploaded with "ctask create package".',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the package is for.' })),
      digest: Type.String({
        pattern: PACKAGE_DIGEST_PATTERN,
        description:
          'SHA-256 of the uploaded file that tasks get that ask for no other version. Tasks that have a version keep it.',
        examples: ['sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
      }),
    },
    { additionalProperties: false, description: 'What the user wants.' },
  ),
  Type.Object(
    {
      versions: Type.Optional(
        Type.Array(PackageVersion, {
          description: `The latest ${PACKAGE_VERSIONS_MAX} versions, newest first, and the current one.`,
        }),
      ),
    },
    { additionalProperties: false, description: 'What the center observed.' },
  ),
);
export type Package = Static<typeof Package>;

/** The version that tasks get which ask for no other one; undefined before there is one. */
export function currentVersion({ spec, status }: Pick<Package, 'spec' | 'status'>): PackageVersion | undefined {
  return status?.versions?.find(({ digest }) => digest === spec.digest);
}

/** The version that was current before the current one. */
export function previousVersion({ spec, status }: Pick<Package, 'spec' | 'status'>): PackageVersion | undefined {
  const others = (status?.versions ?? []).filter(({ digest }) => digest !== spec.digest);
  return others.reduce<PackageVersion | undefined>(
    (latest, one) =>
      latest === undefined ||
      one.currentTime > latest.currentTime ||
      (one.currentTime === latest.currentTime && one.version > latest.version)
        ? one
        : latest,
    undefined,
  );
}

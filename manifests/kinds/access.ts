import { type Static, Type } from '@sinclair/typebox';
import { kindSchema, LABEL_NAME_PATTERN, NAME_PATTERN, Timestamp } from './metadata.js';

const NAME_MAX = 253;
const Name = (description: string) =>
  Type.String({ minLength: 1, maxLength: NAME_MAX, pattern: NAME_PATTERN, description });
const Empty = Type.Object({}, { additionalProperties: false, description: 'Always empty.' });

const disabled = Type.Optional(
  Type.Boolean({
    default: false,
    description: 'While true nobody can log in so, and its sessions and tokens are refused.',
  }),
);

export const User = kindSchema(
  'User',
  'Somebody who may log in. What a user may do is said by RoleBindings and ClusterRoleBindings.',
  Type.Object(
    {
      displayName: Type.Optional(Type.String({ maxLength: 253, description: 'Name for people.' })),
      email: Type.Optional(Type.String({ maxLength: 253, description: 'Address for people; nothing is sent to it.' })),
      disabled,
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Empty,
);
export type User = Static<typeof User>;

export const Group = kindSchema(
  'Group',
  'Users who are given roles together.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the group is for.' })),
      members: Type.Optional(
        Type.Array(Name('Name of a User.'), { maxItems: 10_000, uniqueItems: true, description: 'Its users.' }),
      ),
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Empty,
);
export type Group = Static<typeof Group>;

export const ServiceAccount = kindSchema(
  'ServiceAccount',
  'A program that uses the API, with tokens and without a password.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the program does.' })),
      disabled,
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Empty,
);
export type ServiceAccount = Static<typeof ServiceAccount>;

export const AccessRule = Type.Object(
  {
    verbs: Type.Array(Type.String({ pattern: '^(\\*|[a-z]{1,32})$', description: 'A verb, or "*" for all.' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'What may be done.',
      examples: [['get', 'list', 'watch']],
    }),
    kinds: Type.Array(Type.String({ pattern: '^(\\*|[A-Za-z]{1,63})$', description: 'A kind, or "*" for all.' }), {
      minItems: 1,
      uniqueItems: true,
      description:
        'With objects of which kinds. AuditEntry (the audit of writes), Diagnosis (what a center says of its inside; with verb log, log lines of centers and agents), Metrics and SecretsKey can be named too, though there are no such objects.',
      examples: [['Task', 'Run']],
    }),
  },
  { additionalProperties: false, description: 'One permission.' },
);
export type AccessRule = Static<typeof AccessRule>;

export const Role = kindSchema(
  'Role',
  'A set of permissions. RoleBindings give it in a namespace, ClusterRoleBindings everywhere.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'Whom the role is for.' })),
      rules: Type.Optional(
        Type.Array(AccessRule, { maxItems: 100, description: 'What is allowed; everything else is not.' }),
      ),
      runAs: Type.Optional(
        Type.Array(Type.String({ pattern: '^(\\*|[A-Za-z_][A-Za-z0-9_.-]{0,31})$', description: 'An account.' }), {
          maxItems: 1000,
          uniqueItems: true,
          description:
            'Accounts that tasks may name in run.user and run.group. "*" stands for all and counts in a ClusterRoleBinding only. Without run.user no such permission is needed.',
          examples: [['www-data']],
        }),
      ),
    },
    { additionalProperties: false, default: {}, description: 'What the user wants.' },
  ),
  Empty,
);
export type Role = Static<typeof Role>;

/** What issuers call groups may be anything; it is told from names of Groups by its beginning. */
export const ISSUER_GROUP_PREFIX = 'oidc:';
export const SUBJECT_PATTERN = `(${NAME_PATTERN})|(^oidc:[^\\x00-\\x1f\\x7f]+$)`;

const Subject = Type.Object(
  {
    kind: Type.Union([Type.Literal('User'), Type.Literal('Group'), Type.Literal('ServiceAccount')], {
      description: 'Kind of the subject.',
    }),
    name: Type.String({
      ...{ minLength: 1, maxLength: NAME_MAX, pattern: SUBJECT_PATTERN },
      description: 'Its name; of a group that an issuer names (OIDC) that name behind "oidc:".',
    }),
  },
  { additionalProperties: false, description: 'Who gets the role.' },
);

const BindingSpec = Type.Object(
  {
    role: Name('Name of the Role; viewer, operator, editor and admin exist by themselves.'),
    subjects: Type.Array(Subject, { maxItems: 1000, description: 'Who gets it.' }),
  },
  { additionalProperties: false, description: 'What the user wants.' },
);

export const RoleBinding = kindSchema('RoleBinding', 'Gives a role in its namespace.', BindingSpec, Empty);
export type RoleBinding = Static<typeof RoleBinding>;

export const ClusterRoleBinding = kindSchema(
  'ClusterRoleBinding',
  'Gives a role everywhere, with what belongs to no namespace.',
  BindingSpec,
  Empty,
);
export type ClusterRoleBinding = Static<typeof ClusterRoleBinding>;

export const TokenScope = Type.Object(
  {
    role: Type.Optional(Name('What this role allows, and no more.')),
    namespaces: Type.Optional(
      Type.Array(Type.String({ pattern: LABEL_NAME_PATTERN, maxLength: 63, description: 'Name of a namespace.' }), {
        ...{ minItems: 1, maxItems: 100, uniqueItems: true },
        description: 'In these namespaces, and nothing that belongs to none.',
      }),
    ),
  },
  { additionalProperties: false, description: 'What the token may be used for, of what its owner may do.' },
);
export type TokenScope = Static<typeof TokenScope>;

export const Token = kindSchema(
  'Token',
  'A token of a user or service account, or one that agents join by. Its secret was shown when it was made; deleting it takes it out of force.',
  Type.Object(
    {
      owner: Type.Object(
        {
          kind: Type.Union([Type.Literal('User'), Type.Literal('ServiceAccount'), Type.Literal('Agents')], {
            description: 'Kind of the owner. Agents: no requests are made with it, agents join by it.',
          }),
          name: Name('Its name; of Agents, the cluster that they join.'),
        },
        { additionalProperties: false, description: 'As whom the token speaks.' },
      ),
      uses: Type.Optional(Type.Integer({ minimum: 1, description: 'How many agents may join by it.' })),
      description: Type.Optional(Type.String({ maxLength: 253, description: 'What the token is for.' })),
      scope: Type.Optional(TokenScope),
      expires: Timestamp('From when on it counts no more.'),
      createdBy: Type.String({ description: 'Who made it.' }),
    },
    { additionalProperties: false, description: 'What the token is.' },
  ),
  Type.Object(
    {
      lastUsedTime: Type.Optional(
        Timestamp('When it was used last, to the minute; absent: never, as far as is known.'),
      ),
    },
    { additionalProperties: false, description: 'What the center knows of it.' },
  ),
);
export type Token = Static<typeof Token>;

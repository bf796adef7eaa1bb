import { type Static, Type } from '@sinclair/typebox';

export const GROUP = 'cloudtask.dev';
export const VERSION = 'v1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** DNS-1123 subdomain, at most 253 characters. */
export const NAME_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
/** What a name may begin with: a name, or one that a further character would complete. */
export const NAME_PREFIX_PATTERN = '^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*[a-z0-9][-a-z0-9]*$';
/** A Task name leaves room for `-` and the 10-character suffix of its runs within a 63-character label. */
export const TASK_NAME_MAX = 52;
/** DNS-1123 label: what names inside a spec look like. */
export const LABEL_NAME_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

/** Keyword of the schema of a list: the field of its items that tells them apart. Managers own such items one by one. */
export const LIST_MAP_KEY = 'x-ctask-list-map-key';

export const Timestamp = (description: string) => Type.String({ format: 'date-time', description });
export const Duration = (description: string, extra: Record<string, unknown> = {}) =>
  Type.String({ format: 'duration', description, ...extra });

export const Bytes = (description: string, extra: Record<string, unknown> = {}) =>
  Type.String({ format: 'bytes', description, ...extra });

export const OwnerReference = Type.Object(
  {
    apiVersion: Type.String({ description: 'API version of the owner.' }),
    kind: Type.String({ description: 'Kind of the owner.' }),
    name: Type.String({ description: 'Name of the owner.' }),
    uid: Type.String({ description: 'UID of the owner.' }),
    controller: Type.Optional(Type.Boolean({ description: 'Whether the owner manages this object.' })),
  },
  { additionalProperties: false, description: 'The object this one belongs to; it goes when its owner goes.' },
);

export const ManagedFieldsEntry = Type.Object(
  {
    manager: Type.String({ description: 'Name of the manager, e.g. ctask or ui.' }),
    operation: Type.Union([Type.Literal('Apply'), Type.Literal('Update')], {
      description: 'Whether the manager applied a manifest or changed fields otherwise when it last wrote.',
    }),
    time: Timestamp('When the manager last changed something.'),
    user: Type.Optional(Type.String({ description: 'Who it was.' })),
    fields: Type.Array(Type.String(), {
      description: 'Paths of the fields that the manager owns; items of a keyed list go by their key.',
      examples: [['/spec/timeout', '/spec/run/env/{name=MODE}/value']],
    }),
  },
  { additionalProperties: false, description: 'What one manager owns.' },
);
export type ManagedFieldsEntry = Static<typeof ManagedFieldsEntry>;

export const Metadata = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: NAME_PATTERN,
      description: 'Name, unique within kind and namespace. Lower-case letters, digits, "-" and ".".',
    }),
    generateName: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        pattern: NAME_PREFIX_PATTERN,
        description:
          'Beginning of the name that the center gives when there is none: five characters are added. For create only; apply finds objects by their names.',
        examples: ['report-'],
      }),
    ),
    namespace: Type.Optional(
      Type.String({
        maxLength: 63,
        pattern: LABEL_NAME_PATTERN,
        description: 'Namespace of the object; "default" unless given.',
      }),
    ),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 63 }), {
        description: 'Key/value pairs that selectors match.',
      }),
    ),
    annotations: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Key/value pairs that CloudTask keeps but does not interpret.',
      }),
    ),
    uid: Type.Optional(
      Type.String({ description: 'Identity of this object for all time; set by the center, never reused.' }),
    ),
    resourceVersion: Type.Optional(
      Type.String({ description: 'Opaque version of the stored object; in a request it is a precondition.' }),
    ),
    generation: Type.Optional(Type.Integer({ description: 'Counts changes of spec; set by the center.' })),
    creationTimestamp: Type.Optional(Timestamp('When the object was created; set by the center.')),
    deletionTimestamp: Type.Optional(Timestamp('When deletion was asked for; set by the center.')),
    finalizers: Type.Optional(
      Type.Array(Type.String(), {
        description: 'What an object that is being deleted waits for; set by the center.',
      }),
    ),
    ownerReferences: Type.Optional(Type.Array(OwnerReference, { description: 'Objects this one belongs to.' })),
    managedFields: Type.Optional(
      Type.Array(ManagedFieldsEntry, { description: 'Which manager owns which fields; kept by the center.' }),
    ),
  },
  { additionalProperties: false, description: 'What every object has.' },
);
export type Metadata = Static<typeof Metadata>;

/** Metadata of an object that has been stored: the center filled in the rest. */
export type StoredMetadata = Metadata &
  Required<Pick<Metadata, 'uid' | 'resourceVersion' | 'generation' | 'creationTimestamp'>>;

export const Condition = Type.Object(
  {
    type: Type.String({ description: 'Name of the condition, CamelCase.' }),
    status: Type.Union([Type.Literal('True'), Type.Literal('False'), Type.Literal('Unknown')], {
      description: 'Whether the condition holds.',
    }),
    observedGeneration: Type.Optional(Type.Integer({ description: 'Generation of spec the condition speaks of.' })),
    lastTransitionTime: Timestamp('When status last flipped.'),
    reason: Type.String({ description: 'One CamelCase word for programs.' }),
    message: Type.String({ description: 'One sentence for people.' }),
  },
  { additionalProperties: false, description: 'One observed fact about the object.' },
);
export type Condition = Static<typeof Condition>;

export const SelectorRequirement = Type.Object(
  {
    key: Type.String({ description: 'Label key.' }),
    operator: Type.Union(
      [Type.Literal('In'), Type.Literal('NotIn'), Type.Literal('Exists'), Type.Literal('DoesNotExist')],
      { description: 'How values relate to the label.' },
    ),
    values: Type.Optional(Type.Array(Type.String(), { description: 'Values for In and NotIn.' })),
  },
  { additionalProperties: false, description: 'One requirement on a label.' },
);

export const LabelSelector = Type.Object(
  {
    matchLabels: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Labels that must have exactly these values.' }),
    ),
    matchExpressions: Type.Optional(
      Type.Array(SelectorRequirement, { description: 'Further requirements; all must hold.' }),
    ),
  },
  { additionalProperties: false, description: 'Which labels an agent must carry.' },
);
export type LabelSelector = Static<typeof LabelSelector>;

/** Declares one kind: apiVersion, kind, metadata and the given spec and status. */
export const kindSchema = <
  K extends string,
  S extends import('@sinclair/typebox').TSchema,
  T extends import('@sinclair/typebox').TSchema,
>(
  kind: K,
  description: string,
  spec: S,
  status: T,
) =>
  Type.Object(
    {
      apiVersion: Type.Literal(API_VERSION, { description: 'Version of the API this manifest is written for.' }),
      kind: Type.Literal(kind, { description: 'Kind of the object.' }),
      metadata: Metadata,
      spec,
      status: Type.Optional(status),
    },
    { $id: `https://cloudtask.dev/schemas/v1/${kind}.json`, additionalProperties: false, description },
  );

// Objects with managers, changed as the center would change them.
import { Type } from '@sinclair/typebox';
import { LIST_MAP_KEY } from '../../manifests/kinds/metadata.js';
import { applyManifest, type ManagedObject } from '../../manifests/ownership/apply-manifest.js';
import type { Fields, OwnedPart } from '../../manifests/ownership/leaves.js';
import { withDefaults } from '../../manifests/validate/defaults.js';

const text = () => Type.Optional(Type.String());
export const schema = Type.Object({
  metadata: Type.Object({ labels: Type.Optional(Type.Record(Type.String(), Type.String())) }),
  spec: Type.Object({
    a: text(),
    withDefault: Type.Optional(Type.String({ default: 'd' })),
    atomic: Type.Optional(Type.Array(Type.String())),
    map: Type.Optional(
      Type.Object({
        x: text(),
        y: Type.Optional(Type.String({ default: 'y' })),
        deep: Type.Optional(Type.Object({ z: text() })),
      }),
    ),
    full: Type.Optional(Type.Object({ v: Type.Optional(Type.String({ default: 'v' })), w: text() }, { default: {} })),
    items: Type.Optional(
      Type.Array(
        Type.Object({ name: Type.Optional(Type.String({ default: 'default' })), value: text(), more: text() }),
        {
          [LIST_MAP_KEY]: 'name',
          default: [],
        },
      ),
    ),
  }),
});

export type State = ManagedObject & { object: { metadata: Fields; spec: Fields } };
export const LATER = '2026-02-02T00:00:00Z';
export const by = (manager: string, time = '2026-01-01T00:00:00Z') => ({ manager, user: `${manager}-user`, time });

/** With defaults, and without empty labels, as the store keeps objects. */
export function filled(object: OwnedPart): State['object'] {
  const { metadata, spec: fields } = withDefaults(schema, object) as State['object'];
  const { labels } = metadata as { labels?: Fields };
  return { metadata: labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }, spec: fields };
}

/** The state after an apply; throws when there are conflicts. */
export function apply(
  state: State | undefined,
  manager: string,
  manifest: OwnedPart,
  force = false,
  time?: string,
): State {
  const applied = applyManifest(schema, state, manifest, by(manager, time), force);
  if (applied.conflicts.length > 0)
    throw new Conflicts(applied.conflicts.map(({ path, with: entry }) => `${entry.manager} ${path}`));
  return { object: filled(applied.object), managed: applied.managed };
}

class Conflicts extends Error {
  readonly found: string[];
  constructor(found: string[]) {
    super(found.join(', '));
    this.found = found;
  }
}

export function conflictsOf(state: State, manager: string, manifest: OwnedPart): string[] {
  return applyManifest(schema, state, manifest, by(manager)).conflicts.map(
    ({ path, with: entry }) => `${entry.manager} ${path}`,
  );
}

export const spec = (fields: Fields): OwnedPart => ({ metadata: {}, spec: fields });
export const fieldsOf = (state: State, manager: string) =>
  state.managed.find((entry) => entry.manager === manager)?.fields;

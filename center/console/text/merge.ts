// Two people have changed one manifest: what the other one did, field by field, beside one's own.

type Path = readonly string[];

export interface TheirChange {
  readonly path: Path;
  /** undefined: the field is not there. */
  readonly before: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
  /** Both have changed it, to different things. */
  readonly clash: boolean;
}

/** Fields in which `theirs` differs from what both began with, unless `mine` says the same. Lists are compared as wholes. */
export function theirChanges(before: unknown, mine: unknown, theirs: unknown): readonly TheirChange[] {
  const paths = new Map<string, Path>();
  for (const object of [before, theirs]) for (const path of leaves(object)) paths.set(JSON.stringify(path), path);
  return [...paths.values()].flatMap((path) => {
    const [a, b, c] = [valueAt(before, path), valueAt(theirs, path), valueAt(mine, path)];
    if (same(a, b) || same(b, c)) return [];
    return [{ path, before: a, theirs: b, mine: c, clash: !same(a, c) }];
  });
}

function leaves(value: unknown, path: Path = []): readonly Path[] {
  if (!isMap(value)) return value === undefined ? [] : [path];
  return Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]));
}

function valueAt(object: unknown, path: Path): unknown {
  let value = object;
  for (const step of path) value = isMap(value) ? value[step] : undefined;
  return value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Equal whatever the order of the fields is. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

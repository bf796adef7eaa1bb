/** Names that stand for several objects: of these the namespace has to be told, too. */
export function ambiguousNames(
  all: readonly { readonly name: string; readonly namespace: string }[],
): ReadonlySet<string> {
  const places = new Map<string, string>();
  const twice = new Set<string>();
  for (const { name, namespace } of all) {
    if ((places.get(name) ?? namespace) !== namespace) twice.add(name);
    places.set(name, namespace);
  }
  return twice;
}

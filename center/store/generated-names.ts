import { CloudTaskError, generatedSuffix } from '../../base/index.js';
import { type AnyObject, kindRow, named, nameFrom, prefixOfNameless } from '../../manifests/index.js';

/** Names tried for one object, as in Kubernetes: with half of all 14 million names of a prefix taken, 1 in 256 finds none. */
export const NAME_TRIES = 8;
/** Objects looked up at a time. */
const SLICE = 500;

/** The keys (keyText) of those of these objects that exist. */
export type FindTaken = (objects: readonly AnyObject[]) => Promise<ReadonlySet<string>>;

export function keyText({ kind, metadata }: AnyObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * The objects, each with a name: those that came with `generateName` alone get one that neither the store has nor the batch.
 * Call it in the transaction that writes them, or somebody else may take the name in between. Throws CT_ALREADY_EXISTS.
 */
export async function withNames(
  objects: readonly AnyObject[],
  findTaken: FindTaken,
  suffix: () => string = generatedSuffix,
): Promise<readonly AnyObject[]> {
  let open = objects.flatMap((object, index) => (prefixOfNameless(object) === undefined ? [] : [index]));
  if (open.length === 0) return objects;
  const result = [...objects];
  const nameless = new Set(open);
  const given = new Set(objects.filter((_object, index) => !nameless.has(index)).map(keyText));
  for (let tried = 0; open.length > 0; tried++) {
    if (tried === NAME_TRIES) throw noName(objects[open[0]!]!);
    const left: number[] = [];
    for (let start = 0; start < open.length; start += SLICE) {
      const slice = open.slice(start, start + SLICE);
      for (const index of slice) result[index] = newlyNamed(objects[index]!, suffix());
      const taken = await findTaken(slice.map((index) => result[index]!));
      for (const index of slice) {
        const key = keyText(result[index]!);
        if (taken.has(key) || given.has(key)) left.push(index);
        given.add(key);
      }
    }
    open = left;
  }
  return result;
}

function newlyNamed(object: AnyObject, suffix: string): AnyObject {
  return named(object, nameFrom(object.kind, prefixOfNameless(object) ?? '', suffix));
}

function noName(object: AnyObject): CloudTaskError {
  const prefix = prefixOfNameless(object);
  const where = kindRow(object.kind).namespaced ? `${object.metadata.namespace ?? 'default'}/` : '';
  return new CloudTaskError('CT_ALREADY_EXISTS', {
    subject: `${object.kind} ${where}${prefix}`,
    detail: `the center was not able to generate a unique name for the object: ${NAME_TRIES} names that begin so exist already`,
    hint: 'try again, or take another generateName, or a name',
  });
}

// Sets of objects on the command line (C-11): what `apply` and `diff` say about them to the center.
import { CloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { usage } from '../resources/target.js';

export interface SetOptions {
  readonly applyset?: string;
  readonly prune: boolean;
  readonly allowEmpty: boolean;
}

export interface SetFlags {
  applyset?: string;
  prune: boolean;
  allowEmpty: boolean;
}

/** Throws CT_USAGE: only members of a set are pruned, since nobody can know what else belongs to these files. */
export function setOptions({ applyset, prune, allowEmpty }: SetFlags): SetOptions {
  if (prune && applyset === undefined) {
    throw usage('--prune needs --applyset NAME', 'only objects that were applied with the same set are pruned');
  }
  return { prune, allowEmpty, ...(applyset === undefined ? {} : { applyset }) };
}

/** What the body of an apply says of the set. */
export function setFields({ applyset, prune, allowEmpty }: SetOptions): Record<string, unknown> {
  if (applyset === undefined) return {};
  return { applyset, ...(prune ? { prune } : {}), ...(allowEmpty ? { allowEmpty } : {}) };
}

/** True when there is something to do: objects, or a set that may be emptied. Says what is wrong otherwise. */
export async function somethingToDo(
  verb: string,
  count: number,
  files: { readonly filename: readonly string[]; readonly recursive: boolean },
  set: SetOptions,
  deps: CliDeps,
): Promise<boolean> {
  if (count > 0) return true;
  if (set.prune && set.allowEmpty) return true;
  if (set.prune) {
    const consequence = `every member of applyset "${set.applyset}" would be pruned`;
    await deps.say(`error: no objects passed to ${verb}, so ${consequence}; use --allow-empty if that is meant`);
    return false;
  }
  // Files have been read whole; only a directory may hide more.
  const named = files.filename.some((name) => name !== '-' && !/\.(ya?ml|json)$/.test(name));
  const deeper = named && !files.recursive ? '\nhint: subdirectories are looked into with -R' : '';
  await deps.say(`error: no objects passed to ${verb}${deeper}`);
  return false;
}

/** Reads the file that `ctask diff -o plan` made. Throws CT_USAGE. */
export function parsePlan(text: string, file: string): Plan {
  let value: Partial<Plan> | null;
  try {
    value = JSON.parse(text) as Partial<Plan> | null;
  } catch (cause) {
    throw new CloudTaskError('CT_USAGE', { detail: `${file} is not JSON`, cause });
  }
  if (value?.kind !== 'Plan' || !Array.isArray(value.objects) || !Array.isArray(value.prunes)) {
    throw usage(`${file} is not a plan`, "make one with 'ctask diff -o plan'");
  }
  return value as Plan;
}

/** What `ctask diff -o plan` prints and `ctask apply --plan` does, or refuses when anything has changed (G-02). */
export interface Plan {
  readonly apiVersion: string;
  readonly kind: 'Plan';
  readonly applyset?: string;
  readonly prune?: boolean;
  readonly summary: Readonly<Record<string, number>>;
  /** To be applied, each with the resourceVersion it must have; '' for one that must not exist. */
  readonly objects: readonly object[];
  /** What the set loses. */
  readonly prunes: readonly {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly resourceVersion: string;
  }[];
}

export function planBody({ objects, applyset, prune, prunes }: Plan): Record<string, unknown> {
  const set = applyset === undefined ? {} : { applyset };
  return { objects, ...set, ...(prune ? { prune, allowEmpty: true, expectPruned: prunes } : {}) };
}

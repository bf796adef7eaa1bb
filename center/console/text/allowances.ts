// What rules allow, kind by kind and by what verbs are for: rules of roles name kinds, rules of a review name their plurals.
import { accessOnlyKinds, accessVerbGroups, kinds } from '../../../manifests/index.js';
import type { Rule } from '../state/rights.js';

export type VerbGroup = keyof typeof accessVerbGroups;

export const verbGroups = Object.keys(accessVerbGroups) as readonly VerbGroup[];

export interface AllowanceRow {
  readonly kind: string;
  /** `all` for every verb of the group. */
  readonly allowed: Readonly<Record<VerbGroup, 'all' | readonly string[]>>;
}

interface RoleRule {
  readonly verbs: readonly string[];
  readonly kinds: readonly string[];
}

/** Metrics, which are not among the objects and in no review. */
const READ_ALONE = ['get'];

/** The verbs that there are with each kind. */
export type VerbsByKind = ReadonlyMap<string, readonly string[]>;

/**
 * What a role allows. A kind with which nothing may be done has no row.
 * @param there what can be done with each kind at all; while nobody has said it, a group that is allowed as a whole is `all`
 */
export function allowancesOfRole(rules: readonly RoleRule[], there?: VerbsByKind): readonly AllowanceRow[] {
  const names = [...kinds.map(({ kind }) => kind as string), ...accessOnlyKinds];
  const allowed = (kind: string) =>
    rules.filter((rule) => rule.kinds.includes(kind) || rule.kinds.includes('*')).flatMap(({ verbs }) => verbs);
  if (there === undefined) return rowsOf(names, allowed);
  const rows = names.map((kind): AllowanceRow => {
    const verbs = allowed(kind);
    const both = (there.get(kind) ?? READ_ALONE).filter((verb) => verbs.includes(verb) || verbs.includes('*'));
    const of = (group: VerbGroup) => accessVerbGroups[group].filter((verb) => both.includes(verb));
    return { kind, allowed: { read: of('read'), run: of('run'), change: of('change'), manage: of('manage') } };
  });
  return rows.filter(isSomething);
}

/** What a review says that somebody may. */
export function allowancesOfReview(rules: readonly Rule[]): readonly AllowanceRow[] {
  const byKind = verbsByKind(rules);
  return rowsOf([...byKind.keys()], (kind) => byKind.get(kind) ?? []);
}

/** A review names plurals. */
export function verbsByKind(rules: readonly Rule[]): VerbsByKind {
  const kindOf = (plural: string) =>
    [...kinds, ...accessOnlyKinds.map((kind) => ({ kind, plural: pluralOf(kind) }))].find(
      (row) => row.plural === plural,
    )?.kind;
  return new Map(
    rules.flatMap(({ resources = [], verbs }) => resources.map((plural) => [kindOf(plural) ?? plural, verbs] as const)),
  );
}

/** What has no objects has no row in the table of kinds. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word.endsWith('s')) return word;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

function rowsOf(names: readonly string[], verbsOf: (kind: string) => readonly string[]): readonly AllowanceRow[] {
  const rows = names.map((kind): AllowanceRow => {
    const verbs = new Set(verbsOf(kind));
    const of = (group: VerbGroup) => {
      const all: readonly string[] = accessVerbGroups[group];
      return verbs.has('*') || all.every((verb) => verbs.has(verb)) ? 'all' : all.filter((verb) => verbs.has(verb));
    };
    return { kind, allowed: { read: of('read'), run: of('run'), change: of('change'), manage: of('manage') } };
  });
  return rows.filter(isSomething);
}

const isSomething = ({ allowed }: AllowanceRow): boolean => verbGroups.some((group) => allowed[group].length > 0);

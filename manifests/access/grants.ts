// Who may do what: the one place that decides. Plain data and pure functions, so that API, store and console judge alike.
import type { AccessRule, TokenScope } from '../kinds/access.js';

/** What a role may, by what its name says; see Role. */
export interface RoleRules {
  readonly rules: readonly AccessRule[];
  readonly runAs: readonly string[];
}

/** A role that somebody has: in a namespace, or everywhere. */
export interface Grant extends RoleRules {
  /** undefined: in all of them, and with what belongs to none. */
  readonly namespace?: string;
}

/** All that a requester may. */
export interface Access {
  readonly grants: readonly Grant[];
  /** Of a token with a scope: what it leaves of the grants. Allowed is what both allow. */
  readonly within?: readonly Grant[];
}

/** What somebody wants to do. */
export interface Act {
  readonly verb: string;
  readonly kind: string;
  /** undefined: in all namespaces, or with something that belongs to none. */
  readonly namespace?: string | undefined;
}

export const NO_ACCESS: Access = { grants: [] };

const ANY = '*';

/** True when the act is allowed. Whatever no rule names is not. */
export function allows({ grants, within }: Access, act: Act): boolean {
  return grantsAllow(grants, act) && (within === undefined || grantsAllow(within, act));
}

function grantsAllow(grants: readonly Grant[], { verb, kind, namespace }: Act): boolean {
  return grants.some(
    (grant) =>
      (grant.namespace === undefined || grant.namespace === namespace) &&
      grant.rules.some(
        ({ verbs, kinds }) =>
          (verbs.includes(verb) || verbs.includes(ANY)) && (kinds.includes(kind) || kinds.includes(ANY)),
      ),
  );
}

/** The namespaces in which the act is allowed; undefined for all there are. */
export function allowedNamespaces(access: Access, { verb, kind }: Omit<Act, 'namespace'>): string[] | undefined {
  if (allows(access, { verb, kind })) return undefined;
  const named = [...access.grants, ...(access.within ?? [])].flatMap(({ namespace }) => namespace ?? []);
  return [...new Set(named)].filter((namespace) => allows(access, { verb, kind, namespace })).sort();
}

/** True when tasks in the namespace, or in all of them, may name the account in run.user or run.group. */
export function allowsRunAs({ grants, within }: Access, account: string, namespace: string | undefined): boolean {
  const by = (list: readonly Grant[]) =>
    list.some(
      (grant) =>
        (grant.namespace === undefined || grant.namespace === namespace) &&
        (grant.runAs.includes(account) || (grant.namespace === undefined && grant.runAs.includes(ANY))),
    );
  return by(grants) && (within === undefined || by(within));
}

/** What of a grant somebody with this access does not have, in words; undefined when they have all of it. Nobody gives what they do
 * not have. */
export function lacking(access: Access, { namespace, rules, runAs }: Grant): string | undefined {
  for (const { verbs, kinds } of rules) {
    for (const verb of verbs) {
      for (const kind of kinds) if (!allows(access, { verb, kind, namespace })) return `${verb} ${kind}`;
    }
  }
  const accounts = namespace === undefined ? runAs : runAs.filter((account) => account !== ANY);
  const account = accounts.find((one) => !allowsRunAs(access, one, namespace));
  return account === undefined ? undefined : `run as ${account}`;
}

/** The grants that a scope leaves room for; undefined for no scope. `roleOf`: what a role may, undefined for none. */
export function withinScope(
  scope: TokenScope | undefined,
  roleOf: (name: string) => RoleRules | undefined,
): readonly Grant[] | undefined {
  if (scope === undefined) return undefined;
  const everything = { rules: [{ verbs: [ANY], kinds: [ANY] }], runAs: [ANY] };
  const role = scope.role === undefined ? everything : roleOf(scope.role);
  if (role === undefined) return [];
  return scope.namespaces === undefined ? [role] : scope.namespaces.map((namespace) => ({ ...role, namespace }));
}

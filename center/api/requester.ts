// Who sends a request, and what its writes tell the audit.

import { CloudTaskError } from '../../base/index.js';
import { type Access, allowedNamespaces, allows, allowsRunAs, NO_ACCESS, type Task } from '../../manifests/index.js';
import type { Identity, KnownSubject } from '../auth/index.js';
import type { AuditSource } from '../store/index.js';

/** As whom the request is judged, and in whose name it writes. */
export interface Requester extends KnownSubject {
  /** Whose token was sent; another than `subject` with `--as`. */
  readonly audit: AuditSource;
  /** What was sent to prove it; absent for guests, and with `--as`. */
  readonly identity?: Identity;
}

/** What a write of this request is stored with. */
export function writerOf(requester: Requester | undefined): { user: string; audit?: AuditSource; access?: Access } {
  if (requester === undefined) return { user: '', access: { grants: [] } };
  return { user: requester.subject, audit: requester.audit, access: requester.access };
}

/** The namespaces whose objects of a kind the requester may read; undefined for all there are. */
export function readableIn(requester: Requester | undefined, kind: string, verb = 'list'): string[] | undefined {
  return requester === undefined ? [] : allowedNamespaces(requester.access, { verb, kind });
}

export interface NamedAct {
  readonly verb: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string;
}

/** For what is left out of an answer, where `requireMay` would refuse all of it. */
export function may(requester: Requester | undefined, act: NamedAct): boolean {
  return requester !== undefined && allows(requester.access, act);
}

/** For handlers of routes that are about several objects. Throws CT_FORBIDDEN. */
export function requireMay(requester: Requester | undefined, act: NamedAct): void {
  if (may(requester, act)) return;
  const where = act.namespace === undefined ? '' : ` in namespace "${act.namespace}"`;
  const what = act.name === undefined ? `objects of kind ${act.kind}` : `${act.kind} "${act.name}"`;
  throw new CloudTaskError('CT_FORBIDDEN', `"${requester?.subject ?? ''}" may not ${act.verb} ${what}${where}`);
}

/** Who gives arguments or variables to a run says what runs: as an account of its own, that needs leave to. Throws CT_FORBIDDEN. */
export function requireRunAs(requester: Requester | undefined, { metadata, spec }: Task): void {
  const { user, group } = spec.run;
  for (const account of [user, group]) {
    if (account === undefined || allowsRunAs(requester?.access ?? NO_ACCESS, account, metadata.namespace)) continue;
    throw new CloudTaskError('CT_FORBIDDEN', {
      subject: `Task ${metadata.namespace}/${metadata.name}`,
      detail: `it runs as "${account}", and "${requester?.subject ?? ''}" may not say what does`,
      hint: 'run it without arguments and variables, or ask for a role with that account in runAs',
    });
  }
}

/** True for somebody whose rights can be taken away while an answer stays open. */
export function isRevocable(requester: Requester | undefined): boolean {
  return requester !== undefined && requester.role !== 'agent' && requester.identity?.owner.kind !== 'File';
}

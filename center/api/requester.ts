// Who sends a request, and what its writes tell the audit.
import type { SubjectRole } from '../auth/index.js';
import type { AuditSource } from '../store/index.js';

export interface Requester {
  /** As whom the request is judged, and in whose name it writes. */
  readonly subject: string;
  readonly role: SubjectRole;
  readonly groups: readonly string[];
  /** Whose token was sent; another than `subject` with `--as`. */
  readonly audit: AuditSource;
}

/** What a write of this request is stored with. */
export function writerOf(requester: Requester | undefined): { user: string; audit?: AuditSource } {
  return requester === undefined ? { user: '' } : { user: requester.subject, audit: requester.audit };
}

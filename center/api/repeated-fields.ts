// Fields that a body gives more than once: an error unless the request says otherwise; then the last one counts.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, type ErrorCause } from '../../base/index.js';
import { type FieldPath, formatPath } from '../../manifests/index.js';
import { fieldValidationOf, queryOf } from './request-options.js';

/** By request, of the few whose bodies repeat something. */
const repeated = new WeakMap<FastifyRequest, readonly ErrorCause[]>();

export function noteRepeated(request: FastifyRequest, paths: readonly FieldPath[]): void {
  if (paths.length === 0) return;
  const causes = paths.map((path) => {
    const field = formatPath(path);
    return { reason: 'FieldValueDuplicate', message: `duplicate field "${field}"`, field };
  });
  repeated.set(request, causes);
}

/** What stands against the request; nothing unless it is to be strict. */
export function repeatedCauses(request: FastifyRequest): readonly ErrorCause[] {
  const causes = repeated.get(request) ?? [];
  return causes.length > 0 && fieldValidationOf(queryOf(request)) === 'Strict' ? causes : [];
}

export function repeatedWarnings(request: FastifyRequest): readonly string[] {
  const causes = repeated.get(request) ?? [];
  if (causes.length === 0 || fieldValidationOf(queryOf(request)) !== 'Warn') return [];
  return causes.map(({ message }) => message);
}

/** Throws CT_MANIFEST_STRICT. */
export function refuseRepeated(request: FastifyRequest): void {
  const causes = repeatedCauses(request);
  const [first] = causes;
  if (first === undefined) return;
  const more = causes.length === 1 ? '' : ` (and ${causes.length - 1} more)`;
  throw new CloudTaskError('CT_MANIFEST_STRICT', { detail: `${first.message}${more}`, causes });
}

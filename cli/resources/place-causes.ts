// The server names a field of an object; the user wrote it on a line of a file.
import { CloudTaskError, type ErrorCause, isCloudTaskError } from '../../base/index.js';
import type { ManifestDocument } from './read-manifests.js';

/** `error` with `file:line:column` before each cause whose field stands in one of `documents`. */
export function placeCauses(error: unknown, documents: readonly ManifestDocument[]): unknown {
  if (!isCloudTaskError(error) || error.details.causes === undefined) return error;
  const causes = error.details.causes.map((cause) => placed(cause, documents));
  return new CloudTaskError(error.code, { ...error.details, causes });
}

/** Fields of a batch begin with the object's number: `objects[1].spec.timeout`. */
function placed(cause: ErrorCause, documents: readonly ManifestDocument[]): ErrorCause {
  const match = /^objects\[(\d+)\]\.?(.*)$/.exec(cause.field ?? '');
  const document = match === null ? (documents.length === 1 ? documents[0] : undefined) : documents[Number(match[1])];
  const field = match === null ? (cause.field ?? '') : (match[2] ?? '');
  if (document === undefined) return cause;
  const place = document.locate(field);
  const at = `${document.file}:${place?.line ?? document.line}:${place?.column ?? 1}`;
  return { ...cause, field, at };
}

// How errors name an object, and the two that every way to an object may end in.
import { CloudTaskError } from '../../base/index.js';
import type { ObjectKey } from './store-types.js';

/** `Task billing/nightly`, `Cluster eu`. */
export function subjectOfKey({ kind, namespace, name }: ObjectKey): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function subjectOf(object: { kind: string; metadata: { namespace?: string; name: string } }): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export function notFound(key: ObjectKey): CloudTaskError {
  return new CloudTaskError('CT_NOT_FOUND', { subject: subjectOfKey(key), detail: 'not found' });
}

/** Somebody else was first. */
export function conflict(subject: string): CloudTaskError {
  return new CloudTaskError('CT_CONFLICT', {
    subject,
    detail: 'the object has been modified; please apply your changes to the latest version and try again',
  });
}

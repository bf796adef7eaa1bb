// Sets of objects that are applied together (C-11, G-09). The label of its members is the list of a set; it is written inside
// the transaction of the apply, and nowhere else.
import { CloudTaskError } from '../../base/index.js';
import { type AnyObject, APPLYSET } from '../../manifests/index.js';
import { subjectOf } from './object-errors.js';
import type { ObjectRow } from './object-row.js';

/**
 * The object with the label of the set it is applied with, or of the one that it is in: whoever applies an object without a
 * set leaves it where it is. Throws CT_CONFLICT for a member of another set, and CT_MANIFEST_INVALID for a label that
 * somebody wrote into a manifest.
 */
export function inSet(object: AnyObject, before: ObjectRow | undefined, applyset: string | undefined): AnyObject {
  const { labels } = object.metadata;
  const written = labels?.[APPLYSET];
  const current = before === undefined ? undefined : labelOf(before);
  const wanted = applyset ?? current;
  if (wanted === undefined && written === undefined) return object;
  if (current !== undefined && current !== wanted) throw otherSet(object, current, wanted!);
  if (written !== undefined && written !== wanted) throw writtenByHand(object, written);
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, [APPLYSET]: wanted! } } };
}

function labelOf({ labels }: ObjectRow): string | undefined {
  return labels.includes(APPLYSET) ? (JSON.parse(labels) as Record<string, string>)[APPLYSET] : undefined;
}

function otherSet(object: AnyObject, current: string, wanted: string): CloudTaskError {
  return new CloudTaskError('CT_CONFLICT', {
    subject: subjectOf(object),
    detail: `belongs to applyset "${current}" and cannot be applied with applyset "${wanted}"`,
    hint: `take it out of what is applied with one of the two; label ${APPLYSET} says which set an object is in`,
  });
}

function writtenByHand(object: AnyObject, written: string): CloudTaskError {
  const field = `metadata.labels.${APPLYSET}`;
  const message = `${field}: Invalid value: "${written}": is set by the center; apply with --applyset ${written} instead`;
  return new CloudTaskError('CT_MANIFEST_INVALID', {
    ...{ subject: subjectOf(object), detail: message },
    causes: [{ reason: 'FieldValueForbidden', message, field }],
  });
}

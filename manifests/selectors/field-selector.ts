// The grammar of `--field-selector`: field=value, field==value, field!=value, field in (value,value); comma means and.
import { CloudTaskError } from '../../base/index.js';
import { didYouMean } from '../validate/suggest.js';

export type FieldRequirement =
  | { readonly field: string; readonly operator: '=' | '!='; readonly value: string }
  | { readonly field: string; readonly operator: 'in'; readonly values: readonly string[] };

const SELECTOR_MAX_LENGTH = 4096;
const ALWAYS_SELECTABLE = ['metadata.name', 'metadata.namespace'];

/**
 * Parses a field selector; `\,`, `\=` and `\\` stand for themselves in values. With `selectable` (KindRow.selectableFields) other fields
 * are refused; so is a value that is not among those that `valuesOf` tells of a field, if it tells any.
 * @throws CloudTaskError CT_BAD_REQUEST
 */
export function parseFieldSelector(
  text: string,
  selectable?: readonly string[],
  valuesOf: (field: string) => readonly string[] = () => [],
): FieldRequirement[] {
  if (text.length > SELECTOR_MAX_LENGTH) throw refuse(text, `it has more than ${SELECTOR_MAX_LENGTH} characters`);
  if (text.trim() === '') return [];
  const terms = text.match(/(?:\\.|\sin\s*\([^)]*\)|[^,])+/gs) ?? [];
  // Every comma is between two of them.
  if (terms.join(',') !== text) throw refuse(text, 'there is nothing on one side of a comma');
  return terms.map((term) => {
    const one = /^\s*([A-Za-z][\w.-]*)\s+in\s*\(([^)]*)\)\s*$/s.exec(term);
    if (one !== null) {
      const [, field, list] = one as unknown as [string, string, string];
      checkSelectable(text, field, selectable);
      const values = list.split(',').map((value) => value.trim());
      for (const value of values) checkValue(text, field, value, valuesOf(field));
      return { field, operator: 'in', values };
    }
    const match = /^\s*([A-Za-z][\w.-]*)\s*(==|!=|=)(.*)$/s.exec(term);
    if (match === null)
      throw refuse(text, `"${term.trim()}" is not of the form field=value, field!=value or field in (a,b)`);
    const [, field, operator, value] = match as unknown as [string, string, string, string];
    checkSelectable(text, field, selectable);
    const plain = value.trim().replace(/\\([\\,=])/g, '$1');
    checkValue(text, field, plain, valuesOf(field));
    return { field, operator: operator === '!=' ? '!=' : '=', value: plain };
  });
}

/** Nothing stands for a field that is absent. */
function checkValue(text: string, field: string, value: string, values: readonly string[]): void {
  if (values.length === 0 || value === '' || values.includes(value)) return;
  throw refuse(text, `${field} is never "${value}"${didYouMean(value, values)}; it is one of ${values.join(', ')}`);
}

function checkSelectable(text: string, field: string, selectable: readonly string[] | undefined): void {
  if (selectable === undefined) return;
  const known = [...ALWAYS_SELECTABLE, ...selectable];
  if (known.includes(field)) return;
  throw refuse(text, `field "${field}" cannot be selected by${meant(field, known)}; known are ${known.join(', ')}`);
}

/** Fields of Kubernetes, by what they are here. */
const OTHER_FIELDS: Readonly<Record<string, string>> = {
  'involvedObject.kind': 'spec.regarding.kind',
  'involvedObject.name': 'spec.regarding.name',
  'spec.nodeName': 'status.agent',
  'status.agent': 'status.allocations.agent',
  'status.phase': 'status.state',
  status: 'status.state',
};

/** A known field is meant, by its name elsewhere, or by its last part, or it is misspelt. */
function meant(field: string, known: readonly string[]): string {
  const other = known.find((name) => name === OTHER_FIELDS[field]) ?? known.find((name) => name.endsWith(`.${field}`));
  return other === undefined ? didYouMean(field, known) : `; did you mean "${other}"?`;
}

function refuse(text: string, why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `field selector "${text.slice(0, 200)}" is wrong: ${why}`);
}

/** Whether an object meets all requirements. A field that is absent counts as empty text; of a list one item is enough, and none
 * may be what must not be. */
export function matchesFields(requirements: readonly FieldRequirement[], object: unknown): boolean {
  return requirements.every((requirement) => {
    const texts = textsAt(object, requirement.field.split('.'));
    if (requirement.operator === 'in') return texts.some((text) => requirement.values.includes(text));
    return texts.includes(requirement.value) === (requirement.operator === '=');
  });
}

function textsAt(object: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(object)) return object.length === 0 ? [''] : object.flatMap((item) => textsAt(item, path));
  if (object === undefined || object === null) return [''];
  const [key, ...rest] = path;
  return key === undefined ? [String(object)] : textsAt((object as Record<string, unknown>)[key], rest);
}

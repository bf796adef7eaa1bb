// Label and field selectors, twice: as SQL for lists, and as a predicate on objects for watches. A test holds the two
// against each other.
import { type RawBuilder, sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { AnyObject, KindName } from '../../manifests/index.js';
import type { SqlDialect } from './database.js';
import type { FieldRequirement, LabelRequirement } from './store-types.js';

export const TASK_LABEL = 'cloudtask.dev/task';

export interface Selectors {
  readonly labels?: readonly LabelRequirement[];
  readonly fields?: readonly FieldRequirement[];
}

/** Columns that answer a field without looking into JSON. */
const FIELD_COLUMNS: Partial<Record<KindName, Record<string, string>>> = {
  Run: { 'spec.taskUid': 'task_uid', 'status.state': 'state', 'status.agent': 'agent' },
};

/** SQL conditions of the selectors on the table of `kind`. */
export function selectorConditions(
  dialect: SqlDialect,
  kind: KindName,
  { labels = [], fields = [] }: Selectors,
): RawBuilder<boolean>[] {
  return [
    ...fields.map((field) => fieldCondition(dialect, kind, field)),
    ...labels.map((label) => labelCondition(dialect, kind, label)),
  ];
}

function fieldCondition(
  dialect: SqlDialect,
  kind: KindName,
  { field, operator, value }: FieldRequirement,
): RawBuilder<boolean> {
  const expression = fieldExpression(dialect, kind, field);
  return operator === '=' ? sql`coalesce(${expression}, '') = ${value}` : sql`coalesce(${expression}, '') <> ${value}`;
}

function fieldExpression(dialect: SqlDialect, kind: KindName, field: string): RawBuilder<unknown> {
  if (field === 'metadata.name') return sql.ref('name') as RawBuilder<unknown>;
  if (field === 'metadata.namespace') return sql.ref('namespace') as RawBuilder<unknown>;
  const column = FIELD_COLUMNS[kind]?.[field];
  if (column !== undefined) return sql.ref(column) as RawBuilder<unknown>;
  const [part, ...path] = field.split('.');
  if ((part !== 'spec' && part !== 'status') || path.length === 0 || (kind === 'Event' && part !== 'spec')) {
    throw new CloudTaskError('CT_BAD_REQUEST', `field "${field}" cannot be selected by`);
  }
  return dialect.jsonText(part, path);
}

function labelCondition(
  dialect: SqlDialect,
  kind: KindName,
  { key, operator, values }: LabelRequirement,
): RawBuilder<boolean> {
  const label = labelExpression(dialect, kind, key);
  const list = sql.join(values);
  switch (operator) {
    case '=':
    case 'in':
      return values.length === 0 ? sql`1 = 0` : sql`${label} in (${list})`;
    case '!=':
    case 'notin':
      return values.length === 0 ? sql`1 = 1` : sql`(${label} is null or ${label} not in (${list}))`;
    case 'exists':
      return sql`${label} is not null`;
    case '!exists':
      return sql`${label} is null`;
  }
}

function labelExpression(dialect: SqlDialect, kind: KindName, key: string): RawBuilder<unknown> {
  if (kind === 'Event') return sql`null`;
  if (kind === 'Run' && key === TASK_LABEL) return dialect.jsonText('spec', ['task']);
  return dialect.jsonText('labels', [key]);
}

/** The same on an object in memory. */
export function matchesSelectors(object: AnyObject, { labels = [], fields = [] }: Selectors): boolean {
  return (
    labels.every((requirement) => matchesLabel(object.metadata.labels?.[requirement.key], requirement)) &&
    fields.every(({ field, operator, value }) => (valueAt(object, field) === value) === (operator === '='))
  );
}

function matchesLabel(value: string | undefined, { operator, values }: LabelRequirement): boolean {
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!exists':
      return value === undefined;
  }
}

function valueAt(object: unknown, path: string): string {
  let value = object;
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  return value === undefined || value === null ? '' : String(value);
}

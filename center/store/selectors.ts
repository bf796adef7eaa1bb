// Label and field selectors, and the search for names, twice: as SQL for lists, and as a predicate on objects for watches. A test holds the two
// against each other.
import { type RawBuilder, sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import { type AnyObject, type FieldRequirement, type KindName, matchesFields } from '../../manifests/index.js';
import type { SqlDialect } from './database.js';
import type { LabelRequirement } from './store-types.js';

export const TASK_LABEL = 'cloudtask.dev/task';

export interface Selectors {
  readonly labels?: readonly LabelRequirement[];
  readonly fields?: readonly FieldRequirement[];
  /** Names contain it; small letters or not are the same. */
  readonly search?: string;
}

/** Columns that answer a field without looking into JSON. */
const RUN_COLUMNS = { 'spec.taskUid': 'task_uid', 'status.state': 'state', 'status.agent': 'agent' };
const OBJECT_COLUMNS = {
  'spec.cluster': 'cluster',
  'status.state': 'state',
  'status.lastRun.time': 'last_time',
  'status.nextTime': 'next_time',
};

export function fieldColumn(kind: KindName, field: string): string | undefined {
  if (field === 'metadata.name') return 'name';
  if (field === 'metadata.namespace') return 'namespace';
  if (kind === 'Event') return undefined;
  const columns: Readonly<Record<string, string>> = kind === 'Run' ? RUN_COLUMNS : OBJECT_COLUMNS;
  return columns[field];
}

/** SQL conditions of the selectors on the table of `kind`. */
export function selectorConditions(
  dialect: SqlDialect,
  kind: KindName,
  { labels = [], fields = [], search = '' }: Selectors,
): RawBuilder<boolean>[] {
  return [
    ...(search === '' ? [] : [dialect.contains(sql`lower(name)`, search.toLowerCase())]),
    ...fields.map((field) => fieldCondition(dialect, kind, field)),
    ...labels.map((label) => labelCondition(dialect, kind, label)),
  ];
}

/** Fields of the objects in a list: where the list is, and which field. */
const LIST_FIELDS: Readonly<Record<string, readonly [column: string, path: readonly string[], field: string]>> = {
  'status.allocations.agent': ['status', ['allocations'], 'agent'],
};

function fieldCondition(dialect: SqlDialect, kind: KindName, requirement: FieldRequirement): RawBuilder<boolean> {
  const list = LIST_FIELDS[requirement.field];
  if (list !== undefined) {
    const texts = dialect.jsonListTexts(...list);
    const values = requirement.operator === 'in' ? requirement.values : [requirement.value];
    const one = sql<boolean>`exists (select 1 from ${texts} item where item.value in (${sql.join(values)}))`;
    const met = values.includes('') ? sql<boolean>`(${one} or not exists ${texts})` : one;
    return requirement.operator === '!=' ? sql`not ${met}` : met;
  }
  const expression = fieldExpression(dialect, kind, requirement.field);
  if (requirement.operator === 'in') return sql`coalesce(${expression}, '') in (${sql.join(requirement.values)})`;
  const { operator, value } = requirement;
  return operator === '=' ? sql`coalesce(${expression}, '') = ${value}` : sql`coalesce(${expression}, '') <> ${value}`;
}

function fieldExpression(dialect: SqlDialect, kind: KindName, field: string): RawBuilder<unknown> {
  const column = fieldColumn(kind, field);
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
export function matchesSelectors(object: AnyObject, { labels = [], fields = [], search }: Selectors): boolean {
  return (
    matchesSearch(object, search) &&
    labels.every((requirement) => matchesLabel(object.metadata.labels?.[requirement.key], requirement)) &&
    matchesFields(fields, object)
  );
}

export function matchesSearch({ metadata }: AnyObject, search = ''): boolean {
  return search === '' || metadata.name.toLowerCase().includes(search.toLowerCase());
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

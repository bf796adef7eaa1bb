// Addresses of what is asked for first, for those who send and for those who use the answers.

export const GROUP_PATH = '/apis/cloudtask.dev/v1';

export const SESSION_PATH = '/auth/session';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The path with a query, without what is not asked for. */
export function urlOf(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Path of a kind, of one of its objects, or of a verb on one. */
export function pathOf(plural: string, namespace?: string, name?: string, verb?: string): string {
  const parts = [
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(verb === undefined ? [] : [verb]),
  ];
  return `${GROUP_PATH}/${parts.map(encodeURIComponent).join('/')}`;
}

/** What the user may do in a namespace, or anywhere. */
export function rulesUrl(namespace: string | undefined): string {
  return urlOf(`${GROUP_PATH}/selfsubject`, { namespace });
}

/** How many objects of a list that is held whole come at a time. */
export const LIST_ROWS = 500;

export interface PageQuery {
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Names contain it. */
  readonly search?: string | undefined;
  /** A field, with `-` before it for the other way round. */
  readonly sortBy: string;
  readonly limit: number;
  /** From the page before; absent for the first page. */
  readonly after?: string | undefined;
}

/** Of a page of a large list. */
export const PAGE_ROWS = 50;

export function pageQueryOf({ search, fieldSelector, labelSelector, sortBy, limit, after }: PageQuery): Query {
  return { search, fieldSelector, labelSelector, sortBy, limit, continue: after };
}

export function pageUrl(query: PageQuery): string {
  return urlOf(pathOf(query.plural, query.namespace), pageQueryOf(query));
}

/** Which page an address means: its number, and behind what it begins. */
export function pageOf(parameters: URLSearchParams): { readonly number: number; readonly after: string | undefined } {
  const number = Math.max(1, Number(parameters.get('page')) || 1);
  return { number, after: number === 1 ? undefined : (parameters.get('after') ?? undefined) };
}

/** Fields that the center sorts tasks by, by the names of their columns. */
export const TASK_FIELDS = {
  Task: 'metadata.name',
  State: 'status.state',
  'Last run': 'status.lastRun.time',
  'Next run': 'status.nextTime',
  Cluster: 'spec.cluster',
} as const;

/** What the address of the list of tasks asks for. */
export function tasksQuery(parameters: URLSearchParams, namespace: string | undefined) {
  const text = (name: string) => parameters.get(name) ?? '';
  const [state, cluster] = [text('state'), text('cluster')];
  const sort = text('sort');
  const field = (TASK_FIELDS as Readonly<Record<string, string>>)[sort.replace(/^-/, '')];
  return {
    namespace,
    search: text('q'),
    fieldSelector: [state && `status.state=${state}`, cluster && `spec.cluster=${cluster}`].filter(Boolean).join(','),
    labelSelector: text('labels'),
    sortBy: field === undefined ? TASK_FIELDS.Task : `${sort.startsWith('-') ? '-' : ''}${field}`,
  };
}

const NAMESPACE_KEY = 'ctask.namespace';

/** The namespace that pages look at: that of the address, or the last one that was chosen. Undefined: all of them. */
export function namespaceOf(parameters: URLSearchParams): string | undefined {
  return (parameters.get('namespace') ?? localStorage.getItem(NAMESPACE_KEY) ?? '') || undefined;
}

export function keepNamespace(namespace: string | undefined): void {
  localStorage.setItem(NAMESPACE_KEY, namespace ?? '');
}

const SIGNED_IN_KEY = 'ctask.signed-in';

/** Whether somebody was signed in here when the console was left: else nothing but that is asked for first. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(SIGNED_IN_KEY) !== null;
}

export function keepSignedIn(so: boolean): void {
  if (so) localStorage.setItem(SIGNED_IN_KEY, '1');
  else localStorage.removeItem(SIGNED_IN_KEY);
}

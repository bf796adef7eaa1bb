// Requests to the center that served this page. The session is a cookie that scripts cannot read.
import { errorOf, errorOfFetch } from './api-error.js';

export const GROUP_PATH = '/apis/cloudtask.dev/v1';

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  /** A Blob goes as it is, all else as JSON. */
  readonly body?: unknown;
  /** JSON unless given. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** The request is judged as that of this user. */
  readonly as?: string | undefined;
}

let onSignedOut: () => void = () => undefined;

/** Who is told that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

let onRefused: () => void = () => undefined;

/** Who is told that the user may not do what was asked for. */
export function whenRefused(listener: () => void): void {
  onRefused = listener;
}

let onWritten: () => void = () => undefined;

/** Who is told that something has been changed from here. */
export function whenWritten(listener: () => void): void {
  onWritten = listener;
}

/** Throws ApiError for every answer that is not 2xx. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', query = {}, body, contentType = 'application/json', accept, signal, as } = options;
  const response = await fetch(urlOf(path, query), {
    ...{ method, credentials: 'same-origin', redirect: 'error', cache: 'no-store' },
    ...(signal === undefined ? {} : { signal }),
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(as === undefined ? {} : { 'impersonate-user': as }),
      ...(body === undefined ? {} : { 'content-type': contentType }),
      // No form and no page of another site can send it: what changes something was meant.
      ...(method === 'GET' ? {} : { 'x-ctask-console': '1' }),
    },
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw errorOfFetch(cause);
  });
  if (response.ok) {
    if (method !== 'GET') onWritten();
    return response;
  }
  if (response.status === 401 && path !== '/auth/login') onSignedOut();
  if (response.status === 403) onRefused();
  throw await errorOf(response);
}

/** The JSON of the answer; undefined for one without a body. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

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

// Requests to the center that served this page.
import { firstAnswer, forgetFirst, SENT } from '../start/answers.js';
import { type Query, urlOf } from '../start/queries.js';
import { errorOf, errorOfFetch } from './api-error.js';

export { GROUP_PATH, pathOf, type Query, urlOf } from '../start/queries.js';

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
  if (method !== 'GET') forgetFirst();
  const response = await fetch(urlOf(path, query), {
    ...{ ...SENT, method },
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
  if (!response.ok) throw await refusal(path, response);
  if (method !== 'GET') onWritten();
  return response;
}

async function refusal(path: string, response: Response): Promise<unknown> {
  if (response.status === 401 && path !== '/auth/login') onSignedOut();
  if (response.status === 403) onRefused();
  return errorOf(response);
}

/** The JSON of the answer; undefined for one without a body. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const first = isPlain(options)
    ? await firstAnswer(urlOf(path, options.query ?? {}))?.catch(() => undefined)
    : undefined;
  options.signal?.throwIfAborted();
  if (first?.response.ok === false) throw await refusal(path, first.response);
  if (first !== undefined) return first.body as T;
  const response = await send(path, options);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** Asked as every question of a page is. */
function isPlain({ method = 'GET', accept, as }: RequestOptions): boolean {
  return method === 'GET' && accept === undefined && as === undefined;
}

// Signing in: by name and password, or by a token.
import { ApiError } from './api-error.js';
import { request } from './request.js';

export interface SessionUser {
  readonly name: string;
  readonly groups: readonly string[];
}

export type Credentials = { readonly username: string; readonly password: string } | { readonly token: string };

interface SessionAnswer {
  readonly user: SessionUser;
}

/** Throws ApiError; with status 401 the credentials are not right. */
export async function signIn(credentials: Credentials): Promise<SessionUser> {
  return (await request<SessionAnswer>('/auth/login', { method: 'POST', body: credentials })).user;
}

export async function signOut(): Promise<void> {
  await request('/auth/logout', { method: 'POST' });
}

/** Whose session this browser has; undefined without one. */
export async function currentUser(signal?: AbortSignal): Promise<SessionUser | undefined> {
  try {
    return (await request<SessionAnswer>('/auth/session', signal === undefined ? {} : { signal })).user;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

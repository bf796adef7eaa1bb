// Signing in: by name and password, or by a token.

import { firstBody } from '../start/answers.js';
import { SESSION_PATH } from '../start/queries.js';
import { ApiError } from './api-error.js';
import { request } from './request.js';

export interface SessionUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** Nothing else is answered before. */
  readonly mustChangePassword: boolean;
  /** When the session, or the token behind it, ends at the latest. RFC 3339. */
  readonly expires?: string;
}

export type Credentials = { readonly username: string; readonly password: string } | { readonly token: string };

interface SessionAnswer {
  readonly user: Pick<SessionUser, 'name' | 'groups'>;
  readonly mustChangePassword: boolean;
  readonly expires?: string;
}

/** Throws ApiError; with status 401 the credentials are not right. */
export async function signIn(credentials: Credentials): Promise<SessionUser> {
  await request('/auth/login', { method: 'POST', body: credentials });
  return sessionUser();
}

/** Where users can sign in besides: an issuer's host, and the path that leads there. */
export interface Provider {
  readonly label: string;
  readonly start: string;
}

export async function providers(): Promise<readonly Provider[]> {
  return (await request<{ providers: readonly Provider[] }>('/auth/providers')).providers;
}

/** Whoever could not be signed out. */
export const STILL_SIGNED_IN = 'You are still signed in: the center did not answer.';

/** Throws ApiError. */
export async function signOut(): Promise<void> {
  await request('/auth/logout', { method: 'POST' });
}

/** Throws ApiError: 403 for a wrong current one, 400 for a new one that will not do. All other sessions of the user end. */
export async function changePassword(current: string, next: string): Promise<SessionUser> {
  await request('/auth/password', { method: 'POST', body: { current, new: next } });
  return sessionUser();
}

/** Whose session this browser has; undefined without one. */
export async function currentUser(): Promise<SessionUser | undefined> {
  try {
    return await sessionUser();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

/** Whose session it is, if the center has said so before anything was drawn. */
export function firstUser(): SessionUser | undefined {
  const answer = firstBody(SESSION_PATH);
  return answer === undefined ? undefined : userOf(answer as SessionAnswer);
}

async function sessionUser(): Promise<SessionUser> {
  return userOf(await request<SessionAnswer>(SESSION_PATH));
}

function userOf({ user, ...session }: SessionAnswer): SessionUser {
  return { ...user, ...session };
}

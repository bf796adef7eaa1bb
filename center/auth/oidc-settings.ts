// What an administrator says of the issuer (OIDC) where users log in.
import { CloudTaskError } from '../../base/index.js';
import { isLoopback } from './listen-policy.js';

export interface OidcSettings {
  /** URL below which `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  /** Claim that the name of a new User is made of. */
  readonly usernameClaim: string;
  /** Before that name, so that nobody takes the name of a user of this installation. */
  readonly usernamePrefix: string;
  /** Claim with the names of groups. */
  readonly groupsClaim: string;
  readonly scopes: readonly string[];
  /** Claims that everybody must have, with these values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
  /** Where the issuer sends browsers back, as it knows it; that of the request unless given. */
  readonly redirectUrl?: string;
}

/** Throws CT_CONFIG_INVALID for an issuer that anybody on the way could stand in for. */
export function requireSafeIssuer({ issuer, redirectUrl }: Pick<OidcSettings, 'issuer' | 'redirectUrl'>): void {
  const url = urlOf('oidcIssuer', issuer);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw wrong('oidcIssuer', issuer, 'it must begin with https://');
  }
  if (url.search !== '' || url.hash !== '') throw wrong('oidcIssuer', issuer, 'it has neither "?" nor "#"');
  if (redirectUrl === undefined) return;
  if (!urlOf('oidcRedirectUrl', redirectUrl).pathname.endsWith(CALLBACK_PATH)) {
    throw wrong('oidcRedirectUrl', redirectUrl, `it must end with ${CALLBACK_PATH}`);
  }
}

export const CALLBACK_PATH = '/auth/oidc/callback';

function urlOf(option: string, text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw wrong(option, text, 'it is no URL');
  }
}

function wrong(option: string, value: string, detail: string): CloudTaskError {
  return new CloudTaskError('CT_CONFIG_INVALID', `${option}: "${value}": ${detail}`);
}

// Log-in at an issuer (OIDC): authorization code with PKCE, state and nonce. What the protocol asks for is checked by openid-client.
import type { Configuration } from 'openid-client';
import { type Clock, CloudTaskError, type Logger, messageOf } from '../../base/index.js';
import type { IssuerIdentity } from '../store/index.js';
import { isLoopback } from './listen-policy.js';
import { type Claims, identityOfClaims } from './oidc-claims.js';
import type { OidcSettings } from './oidc-settings.js';

/** Between being sent to the issuer and coming back. */
export const OIDC_FLOW_MS = 10 * 60_000;
/** What the issuer says of itself is read anew after this. */
const DISCOVERED_MS = 60 * 60_000;
const REQUEST_SECONDS = 10;

/** What only the browser that began may know; it brings it back in a cookie. */
export interface OidcFlow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

type Library = typeof import('openid-client');

export class OidcLogin {
  private readonly settings: OidcSettings;
  private readonly clock: Clock;
  private readonly log: Logger;
  private found: { readonly configuration: Promise<Configuration>; readonly until: number } | undefined;

  constructor({ settings, clock, log }: { settings: OidcSettings; clock: Clock; log: Logger }) {
    this.settings = settings;
    this.clock = clock;
    this.log = log;
  }

  /** For people: the host of the issuer. */
  get label(): string {
    return new URL(this.settings.issuer).host;
  }

  /** Where the issuer sends the browser; `fallback` unless an administrator has said so. */
  redirectUrl(fallback: string): string {
    return this.settings.redirectUrl ?? fallback;
  }

  /** Where to send a browser, and what it must bring back. Throws CT_UNAVAILABLE while the issuer does not answer. */
  async begin(redirectUrl: string): Promise<{ url: string; flow: OidcFlow }> {
    const [library, configuration] = await this.discovered();
    const flow = {
      state: library.randomState(),
      nonce: library.randomNonce(),
      verifier: library.randomPKCECodeVerifier(),
    };
    const url = library.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirectUrl, scope: this.settings.scopes.join(' '), state: flow.state, nonce: flow.nonce },
      ...{ code_challenge: await library.calculatePKCECodeChallenge(flow.verifier), code_challenge_method: 'S256' },
    });
    return { url: url.href, flow };
  }

  /**
   * Who has come back with `callback`, the whole URL as the issuer was told it. Throws CT_UNAUTHORIZED for whatever is not as it was
   * begun, or that the issuer does not confirm; CT_FORBIDDEN, see identityOfClaims; CT_UNAVAILABLE.
   */
  async end(callback: URL, flow: OidcFlow): Promise<IssuerIdentity> {
    const [library, configuration] = await this.discovered();
    let claims: Claims;
    try {
      const tokens = await library.authorizationCodeGrant(configuration, callback, {
        ...{ expectedState: flow.state, expectedNonce: flow.nonce, pkceCodeVerifier: flow.verifier },
        idTokenExpected: true,
      });
      claims = tokens.claims() ?? {};
      if (this.lacks(claims) && configuration.serverMetadata().userinfo_endpoint !== undefined) {
        const more = await library.fetchUserInfo(configuration, tokens.access_token, String(claims.sub));
        claims = { ...more, ...claims };
      }
    } catch (error) {
      throw this.refused(error);
    }
    return identityOfClaims(claims, this.settings);
  }

  private lacks(claims: Claims): boolean {
    const { usernameClaim, groupsClaim, requiredClaims } = this.settings;
    return [usernameClaim, groupsClaim, ...Object.keys(requiredClaims)].some((name) => !(name in claims));
  }

  /** Why goes into the log: whoever tries things is told that they did not work. */
  private refused(error: unknown): CloudTaskError {
    const { code, error: said, status } = error as { code?: string; error?: string; status?: number };
    this.log.info({ err: messageOf(error), code, said }, 'a log-in at the issuer was refused');
    if (isOffline(error) || (status ?? 0) >= 500) return this.unavailable(error);
    if (said === 'access_denied') return new CloudTaskError('CT_UNAUTHORIZED', 'the issuer did not let you in');
    return new CloudTaskError(
      'CT_UNAUTHORIZED',
      'this log-in is not one that was begun here, or was used already; begin again',
    );
  }

  private async discovered(): Promise<[Library, Configuration]> {
    const library = await import('openid-client');
    if (this.found === undefined || this.found.until <= this.clock.monotonic()) {
      const configuration = this.discover(library);
      this.found = { configuration, until: this.clock.monotonic() + DISCOVERED_MS };
    }
    const { found } = this;
    try {
      return [library, await found.configuration];
    } catch (error) {
      if (this.found === found) this.found = undefined;
      this.log.warn({ issuer: this.settings.issuer, err: messageOf(error) }, 'the issuer (OIDC) cannot be used');
      throw this.unavailable(error);
    }
  }

  private discover(library: Library): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    const plain = url.protocol === 'http:' && isLoopback(url.hostname);
    const authentication = clientSecret === undefined ? library.None() : library.ClientSecretBasic(clientSecret);
    return library.discovery(
      url,
      clientId,
      clientSecret === undefined ? {} : { client_secret: clientSecret },
      authentication,
      {
        // Signatures are verified, although the token comes from the issuer itself.
        execute: [library.enableNonRepudiationChecks, ...(plain ? [library.allowInsecureRequests] : [])],
        timeout: REQUEST_SECONDS,
      },
    );
  }

  private unavailable(cause: unknown): CloudTaskError {
    return new CloudTaskError('CT_UNAVAILABLE', {
      detail: `the issuer ${this.label} cannot be used now`,
      hint: 'log in with a password or token, or ask an administrator to look at the log of the center',
      cause,
    });
  }
}

function isOffline(error: unknown): boolean {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: unknown };
  if (name === 'TimeoutError' || code === 'OAUTH_TIMEOUT' || code === 'ECONNREFUSED') return true;
  return error instanceof TypeError && cause !== undefined && /fetch failed/.test(error.message);
}

// An issuer (OpenID Connect) on loopback that lets everybody in as whom the test says, and a browser without pages.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface Account {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export interface Issuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is at the browser; undefined: nobody, who presses Cancel. */
  account: Account | undefined;
  /** Answers no more. */
  stop(): Promise<void>;
}

/** `redirectUrls` is asked late: what comes back may listen on a port of its own. */
export async function startIssuer(t: Test, redirectUrls: () => string[]): Promise<Issuer> {
  // It says so itself when it would rather have a newer Node.
  const warn = console.warn;
  console.warn = () => undefined;
  const { Provider } = await import('oidc-provider');
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    ...{
      url,
      clientId: 'ctask',
      clientSecret: 'the secret of ctask',
      account: { sub: '1', preferred_username: 'ann' },
    },
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
  const accounts = new Map<string, Account>();
  const provider = new Provider(url, {
    clients: [
      {
        ...{ client_id: issuer.clientId, client_secret: issuer.clientSecret, grant_types: ['authorization_code'] },
        ...{ response_types: ['code'], redirect_uris: redirectUrls() },
      },
    ],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'name', 'groups', 'hd'],
      email: ['email', 'email_verified'],
    },
    cookies: { keys: ['of tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => accounts.get(id) ?? { sub: id } }),
    loadExistingGrant: async ({ oidc }: { oidc: { client: { clientId: string }; session: { accountId: string } } }) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
  console.warn = warn;
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    const { account } = issuer;
    if (account !== undefined) accounts.set(account.sub, account);
    const result =
      account === undefined
        ? { error: 'access_denied', error_description: 'cancelled' }
        : { login: { accountId: account.sub, remember: false } };
    provider.interactionResult(request, response, result).then(
      (location) => response.writeHead(303, { location }).end(),
      () => response.writeHead(500).end(),
    );
  });
  t.teardown(() => issuer.stop());
  return issuer;
}

/** Follows redirections by hand and keeps cookies by host, as a browser does with those of loopback. */
export class Wanderer {
  private readonly jars = new Map<string, Map<string, string>>();

  cookie(url: string, name: string): string | undefined {
    return this.jar(url).get(name);
  }

  setCookie(url: string, name: string, value: string): void {
    this.jar(url).set(name, value);
  }

  /** One request; nothing is followed. */
  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
    });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(header)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Goes on until `stop` holds for where it is sent, and says where that is. */
  async until(from: string, stop: (url: URL) => boolean): Promise<string> {
    let url = from;
    for (let steps = 0; steps < 12; steps++) {
      const response = await this.get(url);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${url}: ${response.status} ${await response.text()}`);
      url = new URL(location, url).href;
      if (stop(new URL(url))) return url;
    }
    throw new Error(`no end: ${url}`);
  }

  private jar(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}

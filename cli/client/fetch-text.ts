import { Backoff, CloudTaskError, isCloudTaskError } from '../../base/index.js';
import type { CliDeps } from '../deps.js';
import { exchange, readBody } from './http.js';

const ATTEMPTS = 3;
const REDIRECTS_MAX = 5;
const TIMEOUT_MS = 30_000;

/** The text behind a URL of somebody else: no token is sent. Tries again after a 5xx. Throws CT_USAGE or
 * CT_SERVER_UNREACHABLE. */
export async function fetchText(address: string, deps: CliDeps): Promise<string> {
  const backoff = new Backoff({ initialMs: 200, maxMs: 2000 });
  for (let attempt = 1; ; attempt++) {
    try {
      return await follow(address, deps);
    } catch (error) {
      if (attempt >= ATTEMPTS || !isCloudTaskError(error, 'CT_UNAVAILABLE')) throw error;
      await deps.clock.sleep(backoff.next(), deps.signal);
    }
  }
}

async function follow(address: string, deps: CliDeps): Promise<string> {
  let url = new URL(address);
  for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
    const request = { method: 'GET', url, headers: { accept: '*/*' }, timeoutMs: TIMEOUT_MS, signal: deps.signal };
    const response = await exchange(request, deps.clock);
    const text = await readBody(response, url.host, TIMEOUT_MS, deps.clock);
    if (response.status >= 200 && response.status < 300) return text;
    if (response.status < 300 || response.status >= 400 || response.headers.location === undefined) {
      throw new CloudTaskError(response.status >= 500 ? 'CT_UNAVAILABLE' : 'CT_USAGE', {
        detail: `unable to read "${address}": the server answered ${response.status}`,
      });
    }
    url = new URL(response.headers.location, url);
  }
  throw new CloudTaskError('CT_USAGE', `unable to read "${address}": too many redirections`);
}

// What `-v` shows on stderr: 6 requests, 7 headers, 8 bodies cut, 9 whole bodies and a curl line. The token is never shown.
import type { HttpResponse } from './http.js';
import { bodyShown } from './trace-secrets.js';

export interface Trace {
  request(method: string, url: URL, headers: Readonly<Record<string, string>>, body: string | undefined): void;
  response(method: string, url: URL, response: HttpResponse, ms: number): void;
  body(title: string, text: string): void;
}

const BODY_SHOWN_CHARS = 1024;

export function createTrace(level: number, say: (line: string) => void): Trace | undefined {
  if (level < 6) return undefined;
  const body = (title: string, text: string) => {
    if (level < 8) return;
    const cut = level < 9 && text.length > BODY_SHOWN_CHARS;
    say(
      `${title}: ${cut ? `${text.slice(0, BODY_SHOWN_CHARS)} [truncated ${text.length - BODY_SHOWN_CHARS} chars]` : text}`,
    );
  };
  return {
    request(method, url, headers, sent) {
      if (level < 7) return;
      const text = sent === undefined ? undefined : bodyShown(url.pathname, sent);
      if (level >= 9) say(curlLine(method, url, headers, text));
      say(`${method} ${url.href}`);
      say('Request Headers:');
      for (const [name, value] of Object.entries(headers)) {
        say(`    ${name}: ${name === 'authorization' ? 'Bearer <masked>' : value}`);
      }
      if (text !== undefined) body('Request Body', text);
    },
    response(method, url, response, ms) {
      const id = response.headers['x-request-id'];
      const request = typeof id === 'string' ? ` (request ${id})` : '';
      say(`${method} ${url.href} ${response.status} in ${Math.round(ms)} milliseconds${request}`);
      if (level < 7) return;
      say('Response Headers:');
      for (const [name, value] of Object.entries(response.headers)) say(`    ${name}: ${String(value)}`);
    },
    body,
  };
}

/** The request as one would repeat it by hand, but for the token. */
function curlLine(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const shown = Object.entries(headers)
    .filter(([name]) => name !== 'content-length')
    .map(([name, value]) => `-H ${quoted(`${name}: ${name === 'authorization' ? 'Bearer <masked>' : value}`)}`);
  const data = body === undefined ? [] : [`-d ${quoted(body)}`];
  return ['curl -v', `-X ${method}`, ...shown, ...data, quoted(url.href)].join(' ');
}

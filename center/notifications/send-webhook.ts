// The same news for programs and chats: JSON by POST.
import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { allowance, checkedAddress, inTime, isAllowed, type Reach } from './allowed-hosts.js';
import { codeWords, DeliveryError } from './delivery-error.js';
import type { WebhookMessage } from './formats/webhook-format.js';

/** What takes longer is given up, ms: one request, and all of one batch. */
const REQUEST_LIMIT_MS = 5_000;
const BATCH_LIMIT_MS = 20_000;
/** Requests of one batch at a time. */
const AT_ONCE = 8;
const HTTPS_PORT = 443;
/** Answers that say: not this. Others are about whoever asks, or about the time. */
const ABOUT_CONTENT: readonly number[] = [400, 413, 422];
/** When so many are all refused it may be what they say; of more it is who asks: the key is wrong. */
const REFUSED_FEW = 8;
/** Of an answer, bytes. */
const ANSWER_MAX = 64 * 1024;

export interface WebhookWays extends Pick<Reach, 'allowed' | 'resolve'> {
  readonly url: string;
  /** What errors call the URL, when it is a secret; its host and port unless given. */
  readonly label?: string;
  /** Only an `errcode` of 0 in the answer is a yes. */
  readonly errcode?: true;
  readonly signal: AbortSignal;
}

/** Throws DeliveryError for anything but a yes to each of them. */
export async function sendWebhook(messages: readonly WebhookMessage[], ways: WebhookWays): Promise<void> {
  const target = targetOf(ways);
  const batch = AbortSignal.any([ways.signal, AbortSignal.timeout(BATCH_LIMIT_MS)]);
  const first = AbortSignal.any([batch, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
  const { hostname, port, label } = target;
  const named = ways.label === undefined ? {} : { label };
  const address = await inTime(checkedAddress(hostname, port, { ...ways, ...named }), first, label);
  const left = [...messages];
  const sent: WebhookMessage[] = [];
  const errors: DeliveryError[] = [];
  const work = async (): Promise<void> => {
    for (let message = left.shift(); message !== undefined; message = left.shift()) {
      const limit = AbortSignal.any([batch, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
      try {
        await sendOne(message, { ...target, address, limit, errcode: ways.errcode === true });
        sent.push(message);
      } catch (error) {
        if (!(error instanceof DeliveryError)) throw error;
        errors.push(error);
        // What is wrong with one message is nothing against the others.
        if (!error.onlyThese) return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, messages.length) }, work));
  if (errors.length > 0) throw sumOf(errors, messages, sent);
}

/** Of several messages it is known which have arrived, when each says what it tells; else the batch stays as it is. */
function sumOf(
  errors: readonly DeliveryError[],
  messages: readonly WebhookMessage[],
  sent: readonly WebhookMessage[],
): DeliveryError {
  if (messages.length === 1 && messages[0]?.of === undefined) return errors[0]!;
  const worst = errors.find(({ onlyThese }) => !onlyThese) ?? errors[0]!;
  const apart = messages.every(({ of }) => of !== undefined);
  return new DeliveryError(worst.message, {
    certain: errors.every(({ certain }) => certain) && (apart || sent.length === 0),
    onlyThese: apart && worst.onlyThese && (sent.length > 0 || messages.length <= REFUSED_FEW),
    retryAfterMs: Math.max(...errors.map(({ retryAfterMs }) => retryAfterMs)),
    arrived: sent.flatMap(({ of = [] }) => of),
  });
}

interface Target {
  readonly url: URL;
  readonly hostname: string;
  readonly port: number;
  readonly label: string;
}

/** Throws DeliveryError for a URL that nothing is sent to, whatever is behind it. */
function targetOf({ url: text, label: given, allowed }: WebhookWays): Target {
  const refused = (why: string) => new DeliveryError(why, { certain: true });
  if (!URL.canParse(text)) throw refused(`${given ?? 'the webhook'}: it is no URL`);
  const url = new URL(text);
  const { protocol, hostname, username, password, host } = url;
  const label = given ?? host;
  if (protocol !== 'https:' && protocol !== 'http:')
    throw refused(`${label}: webhooks are https, not ${protocol.slice(0, -1)}`);
  if (username !== '' || password !== '') throw refused(`${label}: a URL with a user or a password is not used`);
  const port = url.port === '' ? (protocol === 'https:' ? HTTPS_PORT : 80) : Number(url.port);
  const only = `only for hosts that the center allows (ctask center --notify-allow ${allowance(given, hostname, port)})`;
  const known = isAllowed(allowed, hostname, port);
  if (protocol !== 'https:' && !known) throw refused(`${label}: plain http is ${only}`);
  if (port !== HTTPS_PORT && !known) throw refused(`${label}: ports other than ${HTTPS_PORT} are ${only}`);
  return { url, hostname, port, label };
}

interface Post extends Target {
  readonly address: string;
  readonly limit: AbortSignal;
  readonly errcode: boolean;
}

async function sendOne({ body, headers = {}, query = {} }: WebhookMessage, to: Post): Promise<void> {
  const { label, errcode } = to;
  const url = new URL(to.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const all = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'CloudTask',
    ...headers,
  };
  const { status, code, retryAfterMs } = await post(url, body, all, to);
  const onlyThese = ABOUT_CONTENT.includes(status);
  const refused = (why: string) => new DeliveryError(`${label}: ${why}`, { certain: true, onlyThese, retryAfterMs });
  if (status < 200 || status >= 300) {
    const moved = status >= 300 && status < 400 ? ', and no other URL is followed' : '';
    throw refused(`the answer is ${status}${moved}`);
  }
  if (errcode && code !== 0) throw refused(code === undefined ? 'the answer has no errcode' : `the errcode is ${code}`);
}

interface Answer {
  readonly status: number;
  /** Its `errcode`, where that is what counts. */
  readonly code: number | undefined;
  readonly retryAfterMs: number;
}

/** Of the answer its status is told, or its errcode, and nothing else: nobody learns through the center what is there. */
function post(url: URL, body: string, headers: Record<string, string>, to: Post): Promise<Answer> {
  const { address, limit, label, errcode } = to;
  const secure = url.protocol === 'https:';
  const send = secure ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let connected = false;
    const failed = (error: Error & { code?: string }) => {
      const why = limit.aborted ? 'does not answer in time' : codeWords(error.code ?? 'the connection broke');
      reject(new DeliveryError(`${label}: ${why}`, { certain: !connected }));
    };
    const request = send(url, {
      ...{ method: 'POST', headers, signal: limit, agent: false },
      // The address that was checked, whatever the name says by now.
      lookup: (_name, options, done) => {
        const family = isIP(address);
        if (options.all) (done as (error: null, all: object[]) => void)(null, [{ address, family }]);
        else done(null, address, family);
      },
    });
    // Nothing has been said before the handshake is done.
    request.on('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true)));
    request.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      const retryAfterMs = waitAskedFor(response);
      if (!errcode || status >= 300) {
        response.destroy();
        resolve({ status, code: undefined, retryAfterMs });
        return;
      }
      errcodeOf(response).then((code) => resolve({ status, code, retryAfterMs }), failed);
    });
    request.on('error', failed);
    request.end(body);
  });
}

/** `Retry-After` in seconds; chats say so when they are told too much. */
function waitAskedFor({ headers }: IncomingMessage): number {
  const seconds = headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : 0;
}

async function errcodeOf(response: IncomingMessage): Promise<number | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > ANSWER_MAX) break;
  }
  try {
    const { errcode } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { errcode?: unknown };
    return Number.isSafeInteger(errcode) ? (errcode as number) : undefined;
  } catch {
    return undefined; // whatever it is, it is no yes
  }
}

// Takes traces as an OpenTelemetry collector does (OTLP/HTTP in JSON), and says what it was told to say.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { Emitter } from '../../base/index.js';
import type { OtlpSpan } from '../../center/traces/run-spans.js';

export interface OtlpRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string>>;
  readonly spans: readonly OtlpSpan[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  /** Statuses of the next answers; 200 after that. */
  answer(...statuses: number[]): void;
  /** Resolves when `accept` holds for all spans that were taken. */
  until(accept: (spans: readonly OtlpSpan[]) => boolean, signal: AbortSignal): Promise<readonly OtlpSpan[]>;
  /** Resolves when so many requests have come. */
  asked(count: number, signal: AbortSignal): Promise<void>;
}

export async function startOtlpReceiver(t: Test): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  const taken: OtlpSpan[] = [];
  const statuses: number[] = [];
  const news = new Emitter<{ request: undefined }>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const [{ resource, scopeSpans }] = JSON.parse(text).resourceSpans;
      const spans = scopeSpans[0].spans as OtlpSpan[];
      const attributes = resource.attributes as { key: string; value: { stringValue: string } }[];
      const words = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
      requests.push({ path: request.url ?? '', headers: request.headers, resource: words, spans });
      const status = statuses.shift() ?? 200;
      if (status === 200) taken.push(...spans);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      news.emit('request', undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const until = async (holds: () => boolean, signal: AbortSignal) => {
    while (!holds()) await news.next('request', () => true, signal);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (...next) => void statuses.push(...next),
    until: async (accept, signal) => {
      await until(() => accept(taken), signal);
      return taken;
    },
    asked: (count, signal) => until(() => requests.length >= count, signal),
  };
}

export function attributeOf({ attributes }: OtlpSpan, key: string): string | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return value === undefined ? undefined : 'stringValue' in value ? value.stringValue : value.intValue;
}

// Requests to a center with an authority of its own, by whoever has a certificate, a token, or neither.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { CENTER_TLS_NAME } from '../../manifests/index.js';

export interface TlsAnswer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface Shown {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string;
}

export interface TlsQuestion {
  readonly url: string;
  readonly caFile: string;
  readonly shown: Shown;
  readonly method: string;
  /** Below the group of the API. */
  readonly path: string;
  /** Bytes as they are, with their type; anything else as JSON. */
  readonly body?: unknown;
  readonly type?: string;
  /** Called when an answer begins. */
  readonly opened?: ((response: IncomingMessage) => void) | undefined;
}

/** Asks, over a connection of its own, and reads the answer to its end. */
export function askTls({ url, caFile, shown, method, path, body, type, opened }: TlsQuestion): Promise<TlsAnswer> {
  const data = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/apis/cloudtask.dev/v1/${path}`, {
      ...{ method, agent: false, ca: readFileSync(caFile), servername: CENTER_TLS_NAME },
      ...(shown.cert === undefined ? {} : { cert: shown.cert, key: shown.key }),
      headers: {
        ...(shown.token === undefined ? {} : { authorization: `Bearer ${shown.token}` }),
        ...(data === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      opened?.(response);
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = String(response.headers['content-type']).startsWith('application/json');
        resolve({ status: response.statusCode ?? 0, text, json: json ? JSON.parse(text) : undefined });
      });
    });
    outgoing.end(data);
  });
}

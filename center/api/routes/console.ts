// The web console: static files, and the way to them.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { ConsoleFile } from '../console/console-files.js';
import type { ApiContext, Route } from '../route.js';

const ROOT = '/console/';

/** Scripts, styles and requests of this very server, and nothing that is written into a page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function consoleRoutes(context: ApiContext): Route[] {
  const away: Route['handle'] = async (_request, reply) => {
    reply.headers(HEADERS).redirect(ROOT, 302);
  };
  return [
    { ...open('/'), summary: 'Lead a browser to the console', handle: away },
    { ...open('/console'), summary: 'Lead a browser to the console', handle: away },
    {
      ...open(`${ROOT}*`),
      summary: 'Files of the web console; they hold no data',
      handle: async (request, reply) => {
        const path = (request.params as { '*': string })['*'];
        const file = await context.console?.find(path);
        if (file === undefined) throw missing(request);
        return answer(file, request, reply);
      },
    },
  ];
}

function open(path: string) {
  return { method: 'GET', path, verb: 'get', role: 'none' } as const;
}

function missing(request: FastifyRequest): CloudTaskError {
  const path = request.url.split('?', 1)[0] ?? '';
  return new CloudTaskError('CT_NOT_FOUND', `the console has no file "${path}"`);
}

function answer(file: ConsoleFile, { headers }: FastifyRequest, reply: FastifyReply): Buffer | string {
  const cache = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  reply.headers({ ...HEADERS, etag: file.etag, 'cache-control': cache, vary: 'accept-encoding' });
  if (headers['if-none-match'] === file.etag) {
    reply.code(304);
    return '';
  }
  reply.header('content-type', file.type);
  const accepted = String(headers['accept-encoding'] ?? '').split(/\s*,\s*/);
  const forms = [['br', file.brotli] as const, ['gzip', file.gzip] as const];
  const form = forms.find(([name, bytes]) => bytes !== undefined && accepted.includes(name));
  if (form === undefined) return file.bytes;
  reply.header('content-encoding', form[0]);
  return form[1]!;
}

import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../base/index.js';

const SERVED = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/x-ndjson',
  'application/octet-stream',
  'application/openmetrics-text',
  'text/*',
  'text/plain',
]);

/** Throws CT_NOT_ACCEPTABLE when nothing that the client accepts is served anywhere here. */
export function requireAcceptable(request: FastifyRequest): void {
  const { accept } = request.headers;
  if (accept === undefined || accept === '') return;
  const types = accept.split(',').map((part) => part.split(';', 1)[0]!.trim().toLowerCase());
  if (types.some((type) => SERVED.has(type))) return;
  throw new CloudTaskError('CT_NOT_ACCEPTABLE', `none of "${accept.slice(0, 200)}" can be served; JSON can`);
}

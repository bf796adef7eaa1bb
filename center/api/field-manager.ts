import type { FastifyRequest } from 'fastify';
import type { WriteAs } from '../store/index.js';
import { bad, type Query } from './request-options.js';

/** As in Kubernetes. */
const MANAGER_MAX_CHARS = 128;

/** The field manager that a request names, else what its program calls itself (decision 0012). Throws CT_BAD_REQUEST. */
export function fieldManagerOf(request: FastifyRequest, query: Query, given?: string): string {
  const manager = given ?? query.fieldManager;
  if (manager !== undefined && manager !== '') {
    if (manager.length > MANAGER_MAX_CHARS)
      throw bad('fieldManager', `it has more than ${MANAGER_MAX_CHARS} characters`);
    if (!/^[\x20-\x7e]+$/.test(manager)) throw bad('fieldManager', 'it may consist of printable ASCII characters only');
    return manager;
  }
  const [program = ''] = (request.headers['user-agent'] ?? '').split(/[/\s]/, 1);
  return program.replace(/[^\x21-\x7e]/g, '').slice(0, MANAGER_MAX_CHARS) || 'unknown';
}

export function updateAs(request: FastifyRequest, query: Query): WriteAs {
  return { manager: fieldManagerOf(request, query), operation: 'Update' };
}

/** Verbs of people are managers of their own, so that the next apply does not quietly undo them (decision 0012). */
export function verbAs(request: FastifyRequest, query: Query, manager: string): WriteAs {
  return query.fieldManager ? updateAs(request, query) : { manager, operation: 'Update' };
}

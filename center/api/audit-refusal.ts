import type { FastifyRequest } from 'fastify';
import type { AuditRefusal } from '../store/index.js';
import type { Requester } from './requester.js';
import type { Route } from './route.js';

/** As long as a name can be; what was refused may be called anything. */
const NAME_MAX_CHARS = 253;

/** True for routes whose requests are audited: what people change. Agents' reports are not. */
export function isWrite({ method, role, kind }: Route): boolean {
  return method !== 'GET' && (role === 'admin' || (role === 'self' && kind !== undefined));
}

/** The entry of a refused request; undefined for a dry run, which would not have written. */
export function refusalOf(
  request: FastifyRequest,
  route: Route,
  status: number,
  { audit }: Requester,
): AuditRefusal | undefined {
  const body = mapOf(request.body);
  if (mapOf(request.query).dryRun === 'All' || body.dryRun === true) return undefined;
  const { namespace, name } = request.params as Record<string, string | undefined>;
  const several = Array.isArray(body.objects);
  const [only, ...others] = several ? (body.objects as unknown[]) : [body];
  const object = objectNames(others.length === 0 ? only : undefined);
  return {
    ...{ ...audit, verb: route.verb, status },
    kind: route.kind ?? object.kind,
    namespace: text(namespace) || object.namespace,
    name: text(name) || object.name,
  };
}

/** Kind, namespace and name that an object says it has. */
export function objectNames(object: unknown): Pick<AuditRefusal, 'kind' | 'namespace' | 'name'> {
  const { kind, metadata } = mapOf(object);
  const { namespace, name } = mapOf(metadata);
  return { kind: text(kind), namespace: text(namespace), name: text(name) };
}

function mapOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Names are ASCII; what is not, is no name, and no database need be able to hold it. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, NAME_MAX_CHARS) : '';
}

// The variables of an attempt that come from the task, with the values of its secrets and the run's parameters.
import { CloudTaskError } from '../../base/index.js';
import { expandParameters, type Task } from '../../manifests/index.js';
import type { SecretCache, SecretData } from './secret-cache.js';

type SecretSource = Pick<SecretCache, 'get' | 'isMissing'>;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface TaskEnvironment {
  readonly env: Record<string, string>;
  /** Values of secrets among them. */
  readonly secret: readonly string[];
}

/** Throws CT_NOT_FOUND for a secret or a key that is not there, and CT_CONFIG_INVALID for a key that cannot be a variable. */
export function taskEnvironment(
  task: Task,
  secrets: SecretSource,
  parameters: ReadonlyMap<string, string> = new Map(),
): TaskEnvironment {
  const { envFrom = [], env = [] } = task.spec.run;
  const namespace = task.metadata.namespace ?? 'default';
  const variables: Record<string, string> = {};
  const secret = new Map<string, string>();
  const set = (name: string, value: string, isSecret: boolean) => {
    variables[name] = value;
    if (isSecret) secret.set(name, value);
    else secret.delete(name);
  };
  for (const [index, { secret: from, prefix = '' }] of envFrom.entries()) {
    const data = secretOf(secrets, namespace, from, `envFrom[${index}]`);
    for (const [key, value] of Object.entries(data)) set(variableName(prefix + key, namespace, from), value, true);
  }
  for (const [index, { name, value, valueFrom }] of env.entries()) {
    if (valueFrom === undefined) {
      set(name, expandParameters(value ?? '', parameters), false);
      continue;
    }
    const data = secretOf(secrets, namespace, valueFrom.secret, `env[${index}]`);
    if (!Object.hasOwn(data, valueFrom.key)) {
      throw new CloudTaskError('CT_NOT_FOUND', {
        subject: `Secret ${namespace}/${valueFrom.secret}`,
        detail: `has no key "${valueFrom.key}", which variable ${name} is to be`,
      });
    }
    set(name, data[valueFrom.key]!, true);
  }
  return { env: variables, secret: [...new Set(secret.values())] };
}

function secretOf(secrets: SecretSource, namespace: string, name: string, place: string): SecretData {
  const data = secrets.get(namespace, name);
  if (data !== undefined) return data;
  throw new CloudTaskError('CT_NOT_FOUND', {
    subject: `Secret ${namespace}/${name}`,
    detail: secrets.isMissing(namespace, name)
      ? `not found; spec.run.${place} names it`
      : `this agent has not got it from the center so far; spec.run.${place} names it`,
  });
}

function variableName(name: string, namespace: string, secret: string): string {
  if (VARIABLE.test(name) && !/^CTASK_/i.test(name)) return name;
  throw new CloudTaskError('CT_CONFIG_INVALID', {
    subject: `Secret ${namespace}/${secret}`,
    detail: `"${name}" cannot be the name of an environment variable; name its keys one by one in spec.run.env`,
  });
}

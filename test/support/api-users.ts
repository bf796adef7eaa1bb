// Users with roles and tokens of an API of tests.
import { API, type TestApi } from './api.js';

export interface TestUser {
  readonly name: string;
  readonly token: string;
}

const object = (kind: string, name: string, spec: object, namespace?: string) => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind, spec },
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

export { object as accessObject };

/** A user with a role, in a namespace or everywhere; with none, without any. */
export async function addUser(
  api: TestApi,
  name: string,
  role?: { readonly role: string; readonly namespace?: string },
): Promise<TestUser> {
  const objects = [object('User', name, {})];
  if (role !== undefined) {
    const kind = role.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
    const spec = { role: role.role, subjects: [{ kind: 'User', name }] };
    objects.push(object(kind, `${name}-is`, spec, role.namespace));
  }
  await api.apply(...objects);
  return { name, token: await tokenOf(api, name) };
}

/** A new token of a user, made by the administrator. */
export async function tokenOf(api: TestApi, name: string, extra: object = {}): Promise<string> {
  const body = { owner: { kind: 'User', name }, ...extra };
  const { status, json, text } = await api.request('POST', `${API}/tokens`, { body });
  if (status !== 201) throw new Error(text);
  return json.token;
}

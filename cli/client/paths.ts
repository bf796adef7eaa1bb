// No path of the API is spelled twice.
export const GROUP_PATH = '/apis/cloudtask.dev/v1';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/apis/…/namespaces/ns/tasks/x/log`; without namespace for cluster-wide kinds and for all namespaces. */
export function resourcePath(plural: string, namespace?: string, name?: string, subresource?: string): string {
  const parts = [
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `${GROUP_PATH}/${parts.map(encodeURIComponent).join('/')}`;
}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, value === true ? '1' : String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

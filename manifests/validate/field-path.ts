/** One step into a value: a key of an object or an index of an array. */
export type PathStep = string | number;
export type FieldPath = readonly PathStep[];

/** A name of a field or a label as messages show it: no longer than a line. */
export function shortName(name: string): string {
  return name.length > 100 ? `${name.slice(0, 97)}...` : name;
}

/** `spec.schedules[0].cron`; a key that is not a plain word is quoted: `metadata.labels["a.b/c"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The inverse of formatPath. */
export function parsePath(field: string): FieldPath {
  const path: PathStep[] = [];
  for (const [, index, quoted, word] of field.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)) {
    if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(JSON.parse(quoted) as string);
    else path.push(word!);
  }
  return path;
}

/** The path of a JSON pointer within `root`: a step into an array is a number. */
export function pathOfPointer(root: unknown, pointer: string): FieldPath {
  const path: PathStep[] = [];
  let value: unknown = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}

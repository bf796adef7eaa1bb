// Names of leaves: JSON pointers in which an item of a keyed list is named by its key, not by its position, so that a name
// means the same leaf after others have been added or moved: `/spec/run/env/{name=MODE}/value`.

/** An item of a keyed list. */
export interface ItemStep {
  readonly key: string;
  readonly value: string;
}
/** A key of a map, or an item. */
export type LeafStep = string | ItemStep;

/** A key as it stands in a path: RFC 6901, and `~2` for a leading brace, which names an item. */
export function keyStep(key: string): string {
  return /[~/{]/.test(key) ? escaped(key).replace(/^\{/, '~2') : key;
}

export function itemStep(key: string, value: string): string {
  return `{${key}=${escaped(value)}}`;
}

function escaped(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(text: string): string {
  return text.replaceAll('~2', '{').replaceAll('~1', '/').replaceAll('~0', '~');
}

export function stepsOf(path: string): LeafStep[] {
  return path
    .split('/')
    .slice(1)
    .map((text) => {
      if (!text.startsWith('{')) return unescaped(text);
      const middle = text.indexOf('=');
      return { key: text.slice(1, middle), value: unescaped(text.slice(middle + 1, -1)) };
    });
}

/** The path without its last step; '' above the first. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** `spec.run.env[name="MODE"].value`, as messages show a leaf. */
export function leafText(path: string): string {
  let text = '';
  for (const step of stepsOf(path)) {
    if (typeof step !== 'string') text += `[${step.key}=${JSON.stringify(step.value)}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** These paths and everything above them. */
export function withParents(paths: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let above = path; above !== '' && !all.has(above); above = parentPath(above)) all.add(above);
  }
  return all;
}

import { NAME_PATTERN } from '../kinds/metadata.js';
import type { FieldPath } from './field-path.js';
import { asList, asMap, forbidden, type Reporter } from './rule-kit.js';
import { invalid } from './schema-causes.js';

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PREFIX = new RegExp(NAME_PATTERN);
const NAME_MAX = 63;
const PREFIX_MAX = 253;

/** Why a text is no label key (`[prefix/]name`), or undefined when it is one. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && (prefix.length > PREFIX_MAX || !PREFIX.test(prefix))) {
    return `the prefix of a label key must be a DNS name of at most ${PREFIX_MAX} characters`;
  }
  if (name.length > NAME_MAX || !NAME.test(name)) {
    return `the name of a label key must have 1 to ${NAME_MAX} letters, digits, "-", "_" and ".", and begin and end with a letter or digit`;
  }
  return undefined;
}

/** Why a text is no label value, or undefined when it is one. */
export function labelValueProblem(value: string): string | undefined {
  if (value === '' || (value.length <= NAME_MAX && NAME.test(value))) return undefined;
  return `a label value must be empty or have at most ${NAME_MAX} letters, digits, "-", "_" and ".", and begin and end with a letter or digit`;
}

export function labelCauses(path: FieldPath, labels: unknown, report: Reporter): void {
  for (const [key, value] of Object.entries(asMap(labels))) {
    const wrongKey = labelKeyProblem(key);
    if (wrongKey !== undefined) report(invalid([...path, key], key, wrongKey));
    const wrongValue = typeof value === 'string' ? labelValueProblem(value) : undefined;
    if (wrongValue !== undefined) report(invalid([...path, key], value, wrongValue));
  }
}

export function selectorCauses(path: FieldPath, selector: unknown, report: Reporter): void {
  const { matchLabels, matchExpressions } = asMap(selector);
  labelCauses([...path, 'matchLabels'], matchLabels, report);
  asList(matchExpressions).forEach((expression, index) => {
    const { key, operator, values } = asMap(expression);
    const at: FieldPath = [...path, 'matchExpressions', index];
    const wrongKey = typeof key === 'string' ? labelKeyProblem(key) : undefined;
    if (wrongKey !== undefined) report(invalid([...at, 'key'], key, wrongKey));
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues && asList(values).length === 0) {
      report({ ...invalid([...at, 'values'], values ?? [], `must not be empty when operator is ${operator}`) });
    }
    if (!takesValues && typeof operator === 'string' && asList(values).length > 0) {
      report(forbidden([...at, 'values'], `may not be given when operator is ${operator}`));
    }
    asList(values).forEach((value, position) => {
      const wrongValue = typeof value === 'string' ? labelValueProblem(value) : undefined;
      if (wrongValue !== undefined) report(invalid([...at, 'values', position], value, wrongValue));
    });
  });
}

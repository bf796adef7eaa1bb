// The selector grammar of `-l`: a=b, a==b, a!=b, a in (x,y), a notin (x,y), a, !a; comma means and.
import { CloudTaskError } from '../../base/index.js';
import type { LabelSelector } from '../kinds/metadata.js';
import { labelKeyProblem, labelValueProblem } from '../validate/label-rules.js';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!exists';
  /** One for = and !=, one or more for in and notin, none otherwise. */
  readonly values: readonly string[];
}

/** Longer selectors are refused: they come from the query string of a URL. */
const SELECTOR_MAX_LENGTH = 4096;
const TOKEN = /\s*(==|!=|=|!|,|\(|\)|[^\s=!,()]+)/y;

/** @throws CloudTaskError CT_BAD_REQUEST */
export function parseLabelSelector(text: string): LabelRequirement[] {
  if (text.length > SELECTOR_MAX_LENGTH) throw refuse(text, `it has more than ${SELECTOR_MAX_LENGTH} characters`);
  return text.trim() === '' ? [] : new SelectorParser(text).parse();
}

class SelectorParser {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    const whole = text.trimEnd();
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < whole.length) {
      const match = TOKEN.exec(whole);
      if (match === null) throw refuse(text, 'it cannot be read');
      this.#tokens.push(match[1]!);
    }
  }

  parse(): LabelRequirement[] {
    const requirements = [this.#requirement()];
    while (this.#next < this.#tokens.length) {
      this.#expect(',');
      requirements.push(this.#requirement());
    }
    return requirements;
  }

  #requirement(): LabelRequirement {
    if (this.#peek() === '!') {
      this.#next += 1;
      return { key: this.#key(), operator: '!exists', values: [] };
    }
    const key = this.#key();
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { key, operator: 'exists', values: [] };
    this.#next += 1;
    if (operator === '=' || operator === '==') return { key, operator: '=', values: [this.#value()] };
    if (operator === '!=') return { key, operator: '!=', values: [this.#value()] };
    if (operator === 'in' || operator === 'notin') return { key, operator, values: this.#list() };
    throw refuse(this.#text, `"${operator}" is no operator; known are =, ==, !=, in, notin`);
  }

  #key(): string {
    const key = this.#take('a label key');
    const problem = labelKeyProblem(key);
    if (problem !== undefined) throw refuse(this.#text, `"${key}": ${problem}`);
    return key;
  }

  /** A value may be empty: `a=`. */
  #value(): string {
    const token = this.#peek();
    if (token === undefined || token === ',' || token === ')') return '';
    this.#next += 1;
    const problem = labelValueProblem(token);
    if (problem !== undefined) throw refuse(this.#text, `"${token}": ${problem}`);
    return token;
  }

  #list(): string[] {
    this.#expect('(');
    const values = [this.#value()];
    while (this.#peek() === ',') {
      this.#next += 1;
      values.push(this.#value());
    }
    this.#expect(')');
    return values;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(what: string): string {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw refuse(this.#text, `${what} is missing at its end`);
    return token;
  }

  #expect(token: string): void {
    const found = this.#take(`"${token}"`);
    if (found !== token) throw refuse(this.#text, `"${token}" was expected, not "${found}"`);
  }
}

function refuse(text: string, why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `label selector "${text.slice(0, 200)}" is wrong: ${why}`);
}

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether labels meet all requirements. As in Kubernetes, != and notin hold for a label that is absent. */
export function matchesLabels(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'exists') return value !== undefined;
    if (operator === '!exists') return value === undefined;
    const listed = value !== undefined && values.includes(value);
    return listed === (operator === '=' || operator === 'in');
  });
}

/** The requirements of a selector in a manifest. An empty selector requires nothing. */
export function selectorRequirements(selector: LabelSelector | undefined): LabelRequirement[] {
  const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!exists' } as const;
  return [
    ...Object.entries(selector?.matchLabels ?? {}).map(
      ([key, value]): LabelRequirement => ({ key, operator: '=', values: [value] }),
    ),
    ...(selector?.matchExpressions ?? []).map(
      ({ key, operator, values }): LabelRequirement => ({ key, operator: operators[operator], values: values ?? [] }),
    ),
  ];
}

/** Whether labels satisfy a selector of a manifest. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  return matchesLabels(selectorRequirements(selector), labels);
}

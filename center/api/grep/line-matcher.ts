// Whether a line matches a regular expression, in time that grows with the line and never faster: all ways through the
// expression are gone at once (Thompson), none is tried after another, so no expression and no line can hold the center up.
import { CharSet, isWord } from './char-set.js';
import { type Node, parsePattern, refused } from './parse-pattern.js';

type Step =
  | { readonly op: 'take'; readonly set: CharSet }
  | { readonly op: 'fork'; readonly to: number[] }
  | { readonly op: 'assert'; readonly what: 'start' | 'end' | 'word' | 'notWord' }
  | { readonly op: 'match' };

/** Steps of one expression: with the longest line, what one line may cost. */
const STEPS_MAX = 1000;

export type LineMatcher = (line: string) => boolean;

/** Throws CT_BAD_REQUEST for what is not understood or is too big. */
export function lineMatcher(text: string): LineMatcher {
  if (/^[^\\^$.|?*+()[\]{}]+$/.test(text)) return (line) => line.includes(text);
  const { root, ignoreCase } = parsePattern(text);
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length >= STEPS_MAX) throw refused(text, 'it is too big');
    return steps.push(step) - 1;
  };
  compile(root, ignoreCase, add, steps);
  add({ op: 'match' });
  return (line) => new Walk(steps, line).found();
}

/** Adds the steps of a node; what they lead to is the step after them. */
function compile(node: Node, fold: boolean, add: (step: Step) => number, steps: Step[]): void {
  switch (node.kind) {
    case 'set':
      add({ op: 'take', set: new CharSet(node.ranges, fold) });
      return;
    case 'assert':
      add({ op: 'assert', what: node.what });
      return;
    case 'all':
      for (const part of node.parts) compile(part, fold, add, steps);
      return;
    case 'any': {
      const fork: number[] = [];
      add({ op: 'fork', to: fork });
      const ends: number[][] = [];
      for (const part of node.parts) {
        fork.push(steps.length);
        compile(part, fold, add, steps);
        const end: number[] = [];
        add({ op: 'fork', to: end });
        ends.push(end);
      }
      for (const end of ends) end.push(steps.length);
      return;
    }
    case 'repeat':
      compileRepeat(node, fold, add, steps);
  }
}

function compileRepeat(
  { part, least, most }: Node & { kind: 'repeat' },
  fold: boolean,
  add: (step: Step) => number,
  steps: Step[],
): void {
  for (let i = 0; i < least; i++) compile(part, fold, add, steps);
  const endless = most === Number.POSITIVE_INFINITY;
  const skips: number[][] = [];
  for (let i = least; i < (endless ? least + 1 : most); i++) {
    const fork: number[] = [];
    const here = add({ op: 'fork', to: fork });
    fork.push(steps.length);
    skips.push(fork);
    compile(part, fold, add, steps);
    if (endless) add({ op: 'fork', to: [here] });
  }
  for (const skip of skips) skip.push(steps.length);
}

class Walk {
  private readonly steps: readonly Step[];
  private readonly line: string;
  /** Position + 1 at which a step was reached last: each is looked at once per position. */
  private readonly reached: Uint32Array;
  private matched = false;

  constructor(steps: readonly Step[], line: string) {
    this.steps = steps;
    this.line = line;
    this.reached = new Uint32Array(steps.length);
  }

  found(): boolean {
    let current: number[] = [];
    for (let at = 0; ; at++) {
      this.reach(0, at, current); // a match may begin anywhere
      if (this.matched) return true;
      if (at === this.line.length) return false;
      const code = this.line.charCodeAt(at);
      const next: number[] = [];
      for (const index of current) {
        const step = this.steps[index]!;
        if (step.op === 'take' && step.set.has(code)) this.reach(index + 1, at + 1, next);
      }
      if (this.matched) return true;
      current = next;
    }
  }

  /** All steps that take a character and can be come to without one. */
  private reach(start: number, at: number, into: number[]): void {
    const open = [start];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.reached[index] === at + 1) continue;
      this.reached[index] = at + 1;
      const step = this.steps[index]!;
      if (step.op === 'take') into.push(index);
      else if (step.op === 'match') this.matched = true;
      else if (step.op === 'fork') open.push(...step.to);
      else if (this.holds(step.what, at)) open.push(index + 1);
    }
  }

  private holds(what: 'start' | 'end' | 'word' | 'notWord', at: number): boolean {
    if (what === 'start') return at === 0;
    if (what === 'end') return at === this.line.length;
    const edge = isWord(this.line.charCodeAt(at - 1)) !== isWord(this.line.charCodeAt(at));
    return edge === (what === 'word');
  }
}

import type { Scope } from './keymap.js';

const OWN: Readonly<Record<string, Scope>> = { Task: 'tasks', Run: 'runs', Agent: 'agents', Revision: 'revisions' };

/** What works on a table of that kind, the particular first. */
export function tableScopes(kind: string): readonly Scope[] {
  const own = OWN[kind];
  return [...(own === undefined ? [] : [own]), 'table', 'list'];
}

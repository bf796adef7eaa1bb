// What people read for the states that the center writes as one word.

const WORDS: Readonly<Record<string, string>> = {
  TimedOut: 'Timed out',
  NotReady: 'Not ready',
  SchedulingDisabled: 'Cordoned',
  NoAgents: 'No agents',
  MovesStopped: 'Moves stopped',
  GivenUp: 'Given up',
};

/** The state itself where it is a plain word. */
export function stateWords(state: string): string {
  return WORDS[state] ?? state;
}

// What the words for the state of a task mean: two of them tell of trouble, and not of the same.

export interface StateWords {
  /** One sentence. */
  readonly meaning: string;
  /** What to do about it; absent where nothing has to be done. */
  readonly advice?: string;
}

export const TASK_STATES: Readonly<Record<string, StateWords>> = {
  Active: { meaning: 'An agent has it, it fires at its time points, and its last run is no reason to worry.' },
  Running: { meaning: 'A run of it is going on.' },
  Suspended: { meaning: 'Somebody has suspended it: its time points pass without runs until it is resumed.' },
  Complete: { meaning: 'It has had all the runs that its maxRuns allows.' },
  Degraded: {
    meaning:
      'It still fires, but not as it should: its last run did not end well, or some of its agents cannot run it.',
    advice: 'Read the log of the last run, and mend what made it fail; the next run that ends well clears this.',
  },
  Unallocated: {
    meaning: 'No agent has it: nothing fires, and nothing can fail.',
    advice: 'Start an agent in its cluster, or change what the task asks of agents.',
  },
  Terminating: { meaning: 'It is being deleted, and does not fire any more.' },
};

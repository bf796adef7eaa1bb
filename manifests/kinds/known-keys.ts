// Keys of labels and annotations that mean something to CloudTask.

/** Annotation of a Task: why its specification was changed; the history shows it. */
export const CHANGE_CAUSE = 'cloudtask.dev/change-cause';
/** Label: the set that an object was applied with; set by the center. */
export const APPLYSET = 'cloudtask.dev/applyset';
/** Annotation: `disabled` keeps an object when its set no longer names it. */
export const PRUNE = 'cloudtask.dev/prune';
/** Label of a Task: `true` gives it metrics of its own. */
export const METRICS = 'cloudtask.dev/metrics';

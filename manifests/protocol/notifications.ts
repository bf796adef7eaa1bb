/** One notification on its way out, or one that has left, as the API tells it. They are kept for seven days. */
export interface NotificationEntry {
  readonly id: string;
  /** What is told: an event of `on`, `Test`, or `Over`: a run was late, or took long, and does not any more. */
  readonly event: string;
  /** By what. */
  readonly notifier: { readonly namespace: string; readonly name: string };
  /** What it is about; absent for a test. */
  readonly regarding?: { readonly kind: string; readonly namespace?: string; readonly name: string };
  /** The run whose end is told. */
  readonly run?: string;
  /** How that run ended. */
  readonly runState?: string;
  /** Addresses that get it instead of those of the notifier. */
  readonly to?: readonly string[];
  readonly state: 'Pending' | 'Sent' | 'Failed';
  /** Tries that have begun. */
  readonly attempts: number;
  /** Why the latest try failed, or what was wrong in spite of it. */
  readonly error?: string;
  /** When it happened, and when it was sent or given up. */
  readonly time: string;
  readonly finishTime?: string;
}

/** Something that is wrong by now: it was told when it began, and is told again when it is over. */
export interface AlarmEntry {
  /** One of the events that last, such as `NoAgents`. */
  readonly event: string;
  /** What it is about, in words: `cluster eu`, `billing/report`. */
  readonly subject: string;
  readonly message: string;
  /** Since when. */
  readonly since: string;
  /** What to type to look closer. */
  readonly commands: readonly string[];
  readonly regarding: { readonly kind: string; readonly namespace?: string; readonly name: string };
}

/** An object whose `spec.notify` names a notifier. */
export interface NotifierUse {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Of what it has the notifier told. */
  readonly on: readonly string[];
}

/** What became of a test of a Notifier, as the API tells it. */
export interface NotifierTest {
  readonly id: string;
  readonly state: 'Pending' | 'Sent' | 'Failed';
  /** Tries that have ended. */
  readonly attempts: number;
  /** Why the latest try failed, or what is wrong in spite of it. */
  readonly error?: string;
}

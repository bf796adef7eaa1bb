// What the center tells of the keys that secrets are sealed with: GET and POST /apis/cloudtask.dev/v1/secretskeys.

export interface SecretsKeys {
  /** Oldest first; then those that are only in key files. */
  readonly items: readonly SecretsKey[];
  /** Centers that have told lately which keys they hold. */
  readonly centers: readonly string[];
}

export interface SecretsKey {
  /** Of the key of the key file; 16 hex digits. */
  readonly id: string;
  /** Sealing: what new values are sealed with. Opening: older values are not sealed anew yet. Unused: no value needs it.
   * Dropped: centers take it out of their files. */
  readonly state: 'Sealing' | 'Opening' | 'Unused' | 'Dropped';
  /** How many values are sealed with it. */
  readonly values: number;
  /** Those of `centers` that hold it. */
  readonly centers: readonly string[];
}

/**
 * Something with a life. Nothing happens in a constructor; `start` resolves when the service is ready; `stop` is
 * idempotent and may be called after a failed start.
 */
export interface Service {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

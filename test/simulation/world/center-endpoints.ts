import type { SimulatedProcess } from '../kernel.js';

/** A center that listens, as agents see it. Everything but `process` is called in the center's process. */
export interface CenterEndpoint {
  readonly process: SimulatedProcess;
  /** Answers a request with JSON text; `path` is behind the group's. Rejects as the route does. */
  handle(method: string, path: string, body: unknown): Promise<string>;
  /** The stream of requests of one agent. */
  openRequests(agent: string, out: RequestsOut): { open(): void; closed(): void };
}

export interface RequestsOut {
  write(text: string): void;
  end(): void;
}

const endpoints = new Map<string, CenterEndpoint>();

export function resetEndpoints(): void {
  endpoints.clear();
}

export function listenAt(url: string, endpoint: CenterEndpoint): void {
  endpoints.set(url, endpoint);
}

export function centerAt(url: string): CenterEndpoint | undefined {
  return endpoints.get(url);
}

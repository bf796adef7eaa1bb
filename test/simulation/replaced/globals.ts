// Globals of Node that product code uses, for simulated processes. The bundle puts these in their place.
import { type Event, kernel } from '../kernel.js';
import { pidNow } from '../world/machine.js';

export function simulatedSetImmediate(fn: () => void): Event {
  return kernel().after(0, fn);
}

export function simulatedClearImmediate(event: Event | undefined): void {
  kernel().cancel(event);
}

export function simulatedRandom(): number {
  return kernel().random.next();
}

/** `process.pid` of the bundle. */
export function defineGlobals(): void {
  Object.defineProperty(globalThis, 'simulatedPid', { get: () => pidNow(), configurable: true });
}

import type { Platform } from '../platform/index.js';
import { abortLaunch, readExit, readStarted } from './attempt-files.js';
import type { ExitRecord, StartedRecord } from './runner.js';

/** What is to be done about an attempt that this runner did not start. */
export type Finding =
  | { readonly kind: 'ended'; readonly exit: ExitRecord; readonly write: boolean }
  | { readonly kind: 'alive'; readonly started: StartedRecord; readonly pid: number; readonly processStart?: string }
  /** Another runner is responsible, or a process may just be coming into being: look again a little later. */
  | { readonly kind: 'undecided'; readonly orphan: boolean };

/**
 * Judges an attempt by its directory and the living processes. `orphanLooks` says how often it was found with a marker
 * without pid whose runner is dead: a process between fork and exec does not carry its marks yet, so one look is not enough.
 */
export function judge(directory: string, platform: Platform, now: number, orphanLooks: number): Finding {
  const exit = readExit(directory);
  if (exit !== undefined) return { kind: 'ended', exit, write: false };
  const started = readStarted(directory);
  if (started === undefined || started.aborted === true) {
    // Whoever asks to watch believes in a launch. If there was none, there will be none from now on.
    if (abortLaunch(directory) === 'taken') return { kind: 'undecided', orphan: false };
    return { kind: 'ended', exit: { endTime: now, neverStarted: true }, write: false };
  }
  if (started.startError !== undefined) {
    return { kind: 'ended', exit: { endTime: now, neverStarted: true, startError: started.startError }, write: false };
  }
  if (started.bootId !== undefined && started.bootId !== platform.bootId()) return lost(directory, now);
  if (started.runnerPid !== undefined && platform.processAlive(started.runnerPid, started.runnerStart)) {
    return { kind: 'undecided', orphan: false };
  }
  // Without a start time the pid may be another's by now; marks say more than it.
  const identified = started.processStart !== undefined || (started.marks ?? []).length === 0;
  if (started.pid !== undefined && identified) {
    if (!platform.processAlive(started.pid, started.processStart)) return lost(directory, now);
    const { pid, processStart } = started;
    return { kind: 'alive', started, pid, ...(processStart === undefined ? {} : { processStart }) };
  }
  // The first process of the tree is the oldest one that carries its marks.
  const [found] = platform.findMarked(started.marks ?? []).sort((a, b) => Number(a.start) - Number(b.start));
  if (found !== undefined) return { kind: 'alive', started, pid: found.pid, processStart: found.start };
  return orphanLooks > 0 ? lost(directory, now) : { kind: 'undecided', orphan: true };
}

/** The runner may have written the end after we had looked for it and before it died. */
function lost(directory: string, now: number): Finding {
  const exit = readExit(directory);
  if (exit !== undefined) return { kind: 'ended', exit, write: false };
  return { kind: 'ended', exit: { endTime: now, statusUnknown: true }, write: true };
}

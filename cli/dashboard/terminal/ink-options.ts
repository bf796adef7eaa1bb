// How Ink is run on a session.
import type { RenderOptions } from 'ink';
import type { TerminalSession } from './session.js';

/** With `debug` Ink writes each frame whole and nothing else: no clearing of the terminal when a frame is as high as it is
 * (I-04), no cursor, no signals, and the same on a machine of continuous integration. Which rows differ, and when a slow
 * terminal gets them, is the screen's. With `isScreenReaderEnabled` a frame is the texts of the rows one below the other, instead
 * of a grid of cells that all rows are taken apart into and put together from: rows come as wide as the screen already, and the
 * grid was two thirds of what the dashboard cost (docs/decisions/0017-ink-without-its-grid.md). */
export function inkOptions(session: Pick<TerminalSession, 'stdin' | 'stdout'>): RenderOptions {
  return {
    stdin: session.stdin,
    stdout: session.stdout,
    debug: true,
    isScreenReaderEnabled: true,
    exitOnCtrlC: false,
    patchConsole: false,
  };
}

// Keys that only logs have.
import type { ActionOf } from '../keys/keymap.js';
import type { LogView } from '../text/log-view.js';
import { LOG_PRESETS, type LogPreset } from '../views/log-presets.js';

export interface ShownLog {
  show(preset: LogPreset): void;
  markTime(): string;
  searchAll(): void;
}

export const logHandlers: Record<ActionOf<'logs'>, (log: ShownLog, view: LogView, key: string) => void> = {
  preset: (log, _view, key) => {
    const preset = LOG_PRESETS.find((one) => one.key === key);
    if (preset !== undefined) log.show(preset);
  },
  autoscroll: (_log, view) => view.toggleAutoscroll(),
  timestamps: (_log, view) => view.toggleTimestamps(),
  stdout: (_log, view) => view.toggleStream('stdout'),
  stderr: (_log, view) => view.toggleStream('stderr'),
  mark: (log, view) => {
    const time = log.markTime();
    view.mark(`mark ${time}`, time);
  },
  clear: (_log, view) => view.clear(),
  searchAll: (log) => log.searchAll(),
  matchesOnly: (_log, view) => view.toggleMatchesOnly(),
};

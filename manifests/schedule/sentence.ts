import type { Schedule } from '../kinds/task-schedule.js';

/** A schedule in a few characters, for columns: `0 2 * * *`, `every 90s`, `at 2026-12-24T18:00:00+01:00`. */
export function scheduleSentence(schedule: Schedule): string {
  if (schedule.cron !== undefined) return schedule.cron.trim().replace(/\s+/g, ' ');
  if (schedule.every !== undefined) return `every ${schedule.every}`;
  return schedule.at === undefined ? '<none>' : `at ${schedule.at}`;
}

/** All schedules of a task for one column: the first one and how many more there are; `<none>` without any. */
export function schedulesSentence(schedules: readonly Schedule[] | undefined): string {
  const [first, ...more] = schedules ?? [];
  if (first === undefined) return '<none>';
  return more.length === 0 ? scheduleSentence(first) : `${scheduleSentence(first)} (+${more.length})`;
}

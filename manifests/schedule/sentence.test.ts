import t from 'tap';
import { scheduleSentence, schedulesSentence } from './sentence.js';

t.test('schedules in a few characters', async (t) => {
  t.equal(scheduleSentence({ cron: ' 0  2 * * * ' }), '0 2 * * *');
  t.equal(scheduleSentence({ every: '90s' }), 'every 90s');
  t.equal(scheduleSentence({ at: '2026-12-24T18:00:00+01:00' }), 'at 2026-12-24T18:00:00+01:00');
  t.equal(schedulesSentence([]), '<none>');
  t.equal(schedulesSentence(undefined), '<none>');
  t.equal(schedulesSentence([{ every: '5s' }]), 'every 5s');
  t.equal(schedulesSentence([{ cron: '@daily' }, { every: '5s' }, { every: '6s' }]), '@daily (+2)');
});

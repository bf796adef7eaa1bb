import t from 'tap';
import { didYouMean, suggest } from './suggest.js';
import { zoneSuggestion } from './zone-names.js';

t.test('what a person most likely meant', async (t) => {
  const fields = ['timeout', 'timeZone', 'schedules', 'run', 'retry'];
  t.equal(suggest('timout', fields), 'timeout');
  t.equal(suggest('TIMEZONE', fields), 'timeZone');
  t.equal(suggest('schedule', fields), 'schedules');
  t.equal(suggest('rum', fields), 'run');
  t.equal(suggest('xy', fields), undefined, 'a short word is near to everything');
  t.equal(suggest('nothing', fields), undefined);
  t.equal(suggest('timeout'.repeat(20), fields), undefined);
  t.equal(didYouMean('timout', fields), '; did you mean "timeout"?');
  t.equal(didYouMean('nothing', fields), '');
});

t.test('zones', async (t) => {
  t.match(zoneSuggestion('Europe/Berlln'), /"Europe\/Berlin"/);
  t.match(zoneSuggestion('berlin'), /"Europe\/Berlin"/);
  t.match(zoneSuggestion('New York'), /"America\/New_York"/);
  t.match(zoneSuggestion('utc '), /"UTC"/);
  t.equal(zoneSuggestion('Middle/Earth'), '');
  t.equal(zoneSuggestion('x'.repeat(1e6)), '');
});

// Times of day as words. What is said of a set is derived from its values, not from how the expression spells them.
import { listed, stepOf, valuesInWords } from './values.js';

/** More times of day than this are not listed one by one, if a rule says them. */
const TIMES_LISTED = 6;

const two = (value: number): string => String(value).padStart(2, '0');

function clockText(hour: number, minute: number, second: number): string {
  return `${two(hour)}:${two(minute)}${second === 0 ? '' : `:${two(second)}`}`;
}

/** `at 08:00 and 20:00`, `every 15 minutes between 09:00 and 17:59`, `every hour at minute 17`. */
export function timeInWords(seconds: readonly number[], minutes: readonly number[], hours: readonly number[]): string {
  const times = hours.length * minutes.length * seconds.length;
  const [minute = 0] = minutes;
  const [second = 0] = seconds;
  if (times === hours.length) {
    if (hours.length === 24) return everyHour(minute, second);
    const step = times > TIMES_LISTED ? stepOf(hours) : undefined;
    if (step !== undefined) {
      const [first, last] = [hours[0]!, hours.at(-1)!].map((hour) => clockText(hour, minute, second));
      return `every ${step === 1 ? 'hour' : `${step} hours`} from ${first} to ${last}`;
    }
  }
  if (times === hours.length || (times <= TIMES_LISTED && hours.length < 24)) {
    return `at ${listed(hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => clockText(h, m, s)))))}`;
  }
  return `${withinHour(seconds, minutes, hours.length === 24)}${hoursInWords(hours)}`;
}

function everyHour(minute: number, second: number): string {
  if (minute === 0 && second === 0) return 'every hour';
  return `every hour at minute ${minute}${second === 0 ? '' : ` and second ${second}`}`;
}

function withinHour(seconds: readonly number[], minutes: readonly number[], everyHour: boolean): string {
  const ofHour = everyHour ? ' of every hour' : '';
  const inMinutes = sixtiethsInWords(minutes, 'minute', ofHour);
  if (seconds.length === 1 && seconds[0] === 0) return inMinutes;
  const everyMinute = minutes.length === 60;
  const inSeconds = sixtiethsInWords(seconds, 'second', everyMinute ? ' of every minute' : '');
  return everyMinute ? inSeconds : `${inSeconds}, ${inMinutes}`;
}

/** `whole`: what is added where the words do not say that they hold for each hour, or minute. */
function sixtiethsInWords(values: readonly number[], name: 'minute' | 'second', whole: string): string {
  if (values.length === 60) return `every ${name}`;
  // Two values are a step if they divide the whole.
  const step = values.length === 2 && values[0] === 0 && values[1] === 30 ? 30 : stepOf(values);
  if (step === undefined) return `at ${name}${values.length === 1 ? '' : 's'} ${valuesInWords(values)}${whole}`;
  const [first, last] = [values[0]!, values.at(-1)!];
  const every = `every ${step === 1 ? name : `${step} ${name}s`}`;
  return first === 0 && last + step === 60 ? every : `${every} from ${name} ${first} to ${last}${whole}`;
}

function hoursInWords(hours: readonly number[]): string {
  if (hours.length === 24) return '';
  const [first, last] = [hours[0]!, hours.at(-1)!];
  if (last - first === hours.length - 1) return ` between ${two(first)}:00 and ${two(last)}:59`;
  return ` in the hours ${valuesInWords(hours)}`;
}

import { Cron } from 'croner';
import t from 'tap';
import { DAY_MS, daysFromCivil, daysInMonth, weekdayOfDays } from './civil.js';
import { lettersDay, MONTH_SHAPES, monthShape } from './month-days.js';

/** A real month for each shape. */
function realMonths(): Map<number, { first: number; length: number }> {
  const months = new Map<number, { first: number; length: number }>();
  for (let year = 2000; year < 2028; year++) {
    for (let month = 1; month <= 12; month++) {
      const first = daysFromCivil(year, month, 1);
      const length = daysInMonth(year, month);
      months.set(monthShape(length, weekdayOfDays(first)), { first, length });
    }
  }
  return months;
}

function cronerMask(expression: string, first: number, length: number): number {
  const cron = new Cron(expression, { timezone: 'UTC', mode: '6-part', paused: true });
  let mask = 0;
  let match = cron.nextRun(new Date(first * DAY_MS - 1));
  while (match !== null && match.getTime() < (first + length) * DAY_MS) {
    mask |= 1 << (match.getTime() / DAY_MS - first + 1);
    match = cron.nextRun(match);
  }
  return mask;
}

t.test('letters mean what croner says, in every shape of a month', async (t) => {
  const months = realMonths();
  t.equal(months.size, MONTH_SHAPES);
  const inMonth = ['L', 'LW', '1W', '2W', '15W', '28W', '29W', '30W', '31W'];
  const inWeek = [0, 1, 5, 6].flatMap((day) => [`${day}L`, ...[1, 2, 3, 4, 5].map((nth) => `${day}#${nth}`)]);
  for (const letter of [...inMonth, ...inWeek]) {
    const expression = inMonth.includes(letter) ? `0 0 0 ${letter} * *` : `0 0 0 * * ${letter}`;
    const different = [...months].filter(
      ([shape, { first, length }]) => lettersDay(letter, shape) !== cronerMask(expression, first, length),
    );
    t.strictSame(different, [], letter);
  }
});

t.test('L-n, which croner reads as L, counts back from the last day', async (t) => {
  for (let shape = 0; shape < MONTH_SHAPES; shape++) {
    const length = 28 + Math.floor(shape / 7);
    t.equal(lettersDay('L-2', shape), 1 << (length - 2));
    t.equal(lettersDay('L-30', shape), length === 31 ? 1 << 1 : 0);
  }
});

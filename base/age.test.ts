import t from 'tap';
import { formatAge } from './age.js';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

t.test('words of kubectl (C-50)', async (t) => {
  const table: [number, string][] = [
    [0, '0s'],
    [999, '0s'],
    [119 * S, '119s'],
    [120 * S, '2m'],
    [125 * S, '2m5s'],
    [10 * M - 1, '9m59s'],
    [10 * M, '10m'],
    [179 * M, '179m'],
    [3 * H, '3h'],
    [3 * H + 5 * M, '3h5m'],
    [8 * H, '8h'],
    [47 * H, '47h'],
    [48 * H, '2d'],
    [50 * H, '2d2h'],
    [8 * D, '8d'],
    [700 * D, '700d'],
    [730 * D, '2y'],
    [800 * D, '2y70d'],
    [8 * 365 * D, '8y'],
    [9 * 365 * D + 3 * D, '9y'],
    [-500, '0s'],
    [-5 * S, '<invalid>'],
  ];
  for (const [ms, words] of table) t.equal(formatAge(ms), words, `${ms} ms`);
});

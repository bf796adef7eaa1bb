import t from 'tap';
import { formatBytes, parseBytes } from './bytes.js';

t.test('bytes for people', async (t) => {
  const expected = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [20 * 1024 * 1024, '20 MiB'],
    [1024 * 1024 - 1, '1 MiB'],
    [2 * 1024 ** 3, '2 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ] as const;
  for (const [bytes, text] of expected) t.equal(formatBytes(bytes), text);
});

t.test('numbers of bytes', async (t) => {
  t.equal(parseBytes('1048576'), 1048576);
  t.equal(parseBytes('512Ki'), 512 * 1024);
  t.equal(parseBytes('1.5Gi'), 1.5 * 1024 ** 3);
  t.equal(parseBytes('10M'), 10_000_000);
  t.equal(parseBytes('2k'), 2000);
  for (const text of ['', '0', '-1', '1 Mi', '1mi', '1KB', 'Mi', '1.Mi', '1e6', '9999999999Ti', '0.0000001Ki']) {
    t.equal(parseBytes(text), undefined, text);
  }
});

// what is hidden of output.
import fc from 'fast-check';
import t from 'tap';
import { maskOf } from './mask.js';
import { maskedPart } from './masked-part.js';

const VALUE = 'hunter2 & "söns"/+?';

function masked(text: string, values: readonly string[] = [VALUE]): string {
  const bytes = Buffer.from(text);
  maskOf(values)?.apply(bytes, { start: 0, end: bytes.length });
  return bytes.toString();
}

t.test('values are hidden in the forms that programs print', async (t) => {
  const base64 = Buffer.from(VALUE).toString('base64');
  const forms = [
    ...[
      VALUE,
      JSON.stringify(VALUE).slice(1, -1),
      encodeURIComponent(VALUE),
      new URLSearchParams({ a: VALUE }).toString(),
    ],
    ...[base64, Buffer.from(VALUE).toString('base64url')],
  ];
  for (const form of forms) {
    const hidden = masked(`a ${form} b`);
    t.match(hidden, /^a .*\*{8,}.* b$/, form);
    t.notOk(/hunter2|aHVudGVy/.test(hidden), hidden);
    t.equal(hidden.length, Buffer.byteLength(`a ${form} b`), 'as long as it was');
  }
  for (const around of ['x', 'xy', 'xyz', 'user:']) {
    const basic = Buffer.from(`${around}${VALUE}`).toString('base64');
    const hidden = masked(basic);
    t.ok(hidden.match(/\*/g)!.length >= base64.length - 6, `as part of ${hidden}`);
  }
  t.equal(masked('abc abcd', ['abc', 'abcd']), 'abc ****', 'three characters are anywhere');
  t.equal(masked('aaaaaaa', ['aaaaa']), '*******', 'occurrences overlap');
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n}\n-----END KEY-----\n';
  t.equal(masked(key.replaceAll('\n', '\r\n'), [key]).replace(/\*+/g, '*'), '*\r\n*\r\n}\r\n*\r\n', 'line by line');
  t.equal(maskOf(['abc', '']), undefined);
  t.equal(masked('any thing\n', ['x'.repeat(70_000)]), '*********\n', 'too much to look for: all is hidden');
  const long = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(97 + ((i * 7 + (i >> 4)) % 26))).join('');
  t.equal(masked(`a${long}b`, [long]), `a${'*'.repeat(3000)}b`, 'piece by piece');
});

t.test('each line of a value is hidden in JSON too, and in JSON within JSON', async (t) => {
  const lines = ['  "private_key": "hunter2hunter2",', 'C:\\keys\\hunter2', '"a\\b"'];
  const [key, path, short] = lines.map((line) => line.trim()) as [string, string, string];
  const value = `{\n${lines.join('\r\n')}\n}`;
  for (const line of [key, path]) {
    let text = line;
    for (const times of [0, 1, 2]) {
      t.equal(masked(`a ${text} b`, [value]), `a ${'*'.repeat(text.length)} b`, `in quotes ${times} times`);
      text = JSON.stringify(text).slice(1, -1);
    }
  }
  t.equal(masked(short, [value]), short, 'a short line is not what is secret');
  const quoted = JSON.stringify(JSON.stringify(short));
  t.equal(masked(quoted, [value]), quoted, 'nor is it in quotes, where it is longer');
  const whole = JSON.stringify(JSON.stringify(VALUE));
  t.match(masked(whole), /^"\\"\*+\\""$/, 'a value of one line');
});

/** What is sent of a stream that grows by these parts, when it is looked at after each of them and `size` bytes fit a chunk. */
function shipped(parts: readonly string[], values: readonly string[], size: number): string {
  const mask = maskOf(values)!;
  let written = Buffer.alloc(0);
  const sent: Buffer[] = [];
  let from = 0;
  const look = (processEnded: boolean): void => {
    for (;;) {
      const first = Math.max(0, from - mask.reach);
      const asked = from - first + size + mask.reach;
      const window = Buffer.from(written.subarray(first, first + asked));
      const end = Math.min(from + size, first + window.length) - first;
      const next = window.length === asked ? 'more' : processEnded ? 'nothing' : 'unwritten';
      const part = maskedPart(mask, window, { start: from - first, end, behindGap: false, next });
      if (part.length === 0) return;
      sent.push(Buffer.from(part));
      from += part.length;
    }
  };
  for (const part of parts) {
    written = Buffer.concat([written, Buffer.from(part)]);
    look(false);
  }
  look(true);
  return Buffer.concat(sent).toString('latin1');
}

t.test('what is hidden does not depend on how the stream was cut', async (t) => {
  const values = ['abab', 'ababc', 'cccc', 'hunter2'];
  const word = fc.constantFrom('a', 'b', 'c', 'ab', 'abab', 'cc', 'hunter2', 'hunt', 'er2', '\n', 'x');
  const parts = fc.array(
    fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 20 }), (given, size) => {
      const text = given.join('');
      const whole = shipped([text], values, 1000);
      const cut = shipped(given, values, size);
      return cut === whole && cut.length === text.length && !values.some((value) => cut.includes(value));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

t.test(
  'the beginning of a value that was never finished is hidden, and the end of one whose beginning was dropped',
  async (t) => {
    t.equal(shipped(['say hunte'], ['hunter2'], 100), 'say *****', 'killed in the middle');
    t.equal(shipped(['say hun'], ['hunter2'], 100), 'say hun', 'three characters are anything');
    const mask = maskOf(['hunter2'])!;
    const behind = maskedPart(mask, Buffer.from('nter2 said'), { start: 0, end: 10, behindGap: true, next: 'nothing' });
    t.equal(behind.toString(), '***** said');
    const before = maskedPart(mask, Buffer.from('say hunt\0\0\0\0'), {
      start: 0,
      end: 8,
      behindGap: false,
      next: 'gap',
    });
    t.equal(before.toString(), 'say ****');
  },
);

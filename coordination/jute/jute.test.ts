import fc from 'fast-check';
import t from 'tap';
import { OpCode } from './codes.js';
import { MAX_PACKET_BYTES, PacketSplitter } from './packets.js';
import { JuteError, JuteReader } from './reader.js';
import { type MultiRequestItem, readCreate, readMulti, writeCreate, writeMulti } from './requests.js';
import { JuteWriter } from './writer.js';

const written = (write: (writer: JuteWriter) => void) => {
  const writer = new JuteWriter(1);
  write(writer);
  return Buffer.from(writer.content());
};

t.test('primitives have the form of jute', async (t) => {
  const bytes = written((w) =>
    w
      .bool(true)
      .int(-2)
      .long(1n << 40n)
      .string('ä')
      .buffer(null)
      .string(null),
  );
  t.equal(bytes.toString('hex'), '01fffffffe000001000000000000000002c3a4ffffffffffffffff');
  const reader = new JuteReader(bytes);
  t.same(
    [reader.bool(), reader.int(), reader.long(), reader.string(), reader.buffer(), reader.string(), reader.remaining],
    [true, -2, 1n << 40n, 'ä', null, null, 0],
  );
});

t.test('what was written is read back', async (t) => {
  const text = fc.string({ unit: 'grapheme' });
  const acl = fc.array(fc.record({ permissions: fc.integer(), scheme: fc.option(text), id: fc.option(text) }));
  const request = fc.record({
    path: text,
    data: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
    acl: fc.option(acl),
    flags: fc.integer(),
  });
  fc.assert(
    fc.property(request, (value) => {
      const back = readCreate(new JuteReader(written((w) => writeCreate(w, value))));
      t.same(back, value);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ path: text, version: fc.integer() })), (parts) => {
      const items: MultiRequestItem[] = parts.map((part, i) => ({
        type: i % 2 ? OpCode.check : OpCode.delete,
        ...part,
      }));
      t.same(readMulti(new JuteReader(written((w) => writeMulti(w, items)))), items);
    }),
  );
});

t.test('bytes that are no record throw JuteError and nothing else', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const read of [readCreate, readMulti]) {
        try {
          read(new JuteReader(Buffer.from(bytes)));
        } catch (error) {
          t.ok(error instanceof JuteError);
        }
      }
    }),
  );
});

t.test('packets come out whole, however the bytes were cut', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
      (all, cuts) => {
        const stream = Buffer.concat(all.map((bytes) => new JuteWriter().buffer(bytes).content()));
        const splitter = new PacketSplitter();
        const packets: Buffer[] = [];
        for (let at = 0; at < stream.length; ) {
          const end = at + (cuts.next().value as number);
          packets.push(...splitter.push(stream.subarray(at, end)));
          at = end;
        }
        t.same(
          packets,
          all.map((bytes) => Buffer.from(bytes)),
        );
      },
    ),
  );
});

t.test('a length that is negative or above the limit throws', async (t) => {
  const prefix = (length: number) => written((w) => w.int(length));
  t.throws(() => new PacketSplitter().push(prefix(-1)), JuteError);
  t.throws(() => new PacketSplitter().push(prefix(MAX_PACKET_BYTES + 1)), JuteError);
  t.same(new PacketSplitter().push(prefix(MAX_PACKET_BYTES)), []);
});

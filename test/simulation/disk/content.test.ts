import t from 'tap';
import { Random } from '../random.js';
import { Content } from './content.js';

const SEEDS = 500;
const STEPS = 25;

/** The same, with copies of all of it. */
class Model {
  bytes = Buffer.alloc(0);
  synced = Buffer.alloc(0);

  write(data: Buffer, position: number): void {
    this.truncate(Math.max(this.bytes.length, position + data.length));
    data.copy(this.bytes, position);
  }

  truncate(size: number): void {
    const bytes = Buffer.alloc(size);
    this.bytes.copy(bytes);
    this.bytes = bytes;
  }
}

t.test('is and was synced as a model that copies everything', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = new Random(seed);
    const content = new Content();
    const model = new Model();
    for (let i = 0; i < STEPS; i++) {
      const difference = step(random, content, model);
      if (difference === undefined) continue;
      t.fail(`seed ${seed}, step ${i}: ${difference}`);
      return;
    }
  }
  t.pass(`${SEEDS} seeds`);
});

function step(random: Random, content: Content, model: Model): string | undefined {
  const dice = random.integer(0, 9);
  if (dice < 5) {
    const data = random.bytes(random.integer(1, 30));
    const position = random.integer(0, model.bytes.length + 10);
    content.write(data, position, false);
    model.write(data, position);
  } else if (dice < 7) {
    const size = random.integer(0, model.bytes.length + 20);
    content.truncate(size);
    model.truncate(size);
  } else if (dice < 9) {
    content.sync();
    model.synced = Buffer.from(model.bytes);
  } else {
    content.powerCut(random);
    const { bytes, synced } = model;
    const appended = bytes.subarray(synced.length, Math.max(synced.length, content.size));
    model.bytes = Buffer.concat([synced, appended]);
    model.synced = Buffer.from(model.bytes);
  }
  const found = Buffer.alloc(content.size);
  content.read(0, found, 0, found.length);
  return found.equals(model.bytes) ? undefined : `${dice}: ${found.toString('hex')}`;
}

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { SEALING_KEY_BYTES, seal, unseal } from './seal.js';

t.test('what is sealed opens with its key, in its place, as it was', async (t) => {
  const key = randomBytes(SEALING_KEY_BYTES);
  const sealed = seal(key, 'here', Buffer.from('value'));
  t.equal(unseal(key, 'here', sealed).toString(), 'value');
  t.not(seal(key, 'here', Buffer.from('value')), sealed, 'a nonce is never used again');
  t.throws(() => unseal(randomBytes(SEALING_KEY_BYTES), 'here', sealed));
  t.throws(() => unseal(key, 'there', sealed));
  const bytes = Buffer.from(sealed, 'base64');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    t.throws(() => unseal(key, 'here', changed.toString('base64')), `byte ${i}`);
  }
  t.throws(() => unseal(key, 'here', bytes.subarray(0, 20).toString('base64')), 'cut');
  t.equal(unseal(key, '', seal(key, '', Buffer.alloc(0))).length, 0);
});

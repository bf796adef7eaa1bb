import t from 'tap';
import { requireSafeListening } from './listen-policy.js';

t.test('in clear text only on this machine, or when somebody says so', async (t) => {
  const clear = { host: '0.0.0.0', tls: false, insecure: false };
  t.throws(() => requireSafeListening(clear), { code: 'CT_CONFIG_INVALID', details: { hint: /^say --tls, / } });
  for (const safe of [{ host: '127.0.0.1' }, { host: '::1' }, { host: 'localhost' }, { tls: true }, { insecure: true }])
    t.doesNotThrow(() => requireSafeListening({ ...clear, ...safe }), JSON.stringify(safe));
});

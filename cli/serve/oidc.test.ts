import t from 'tap';
import { externalUrlOf } from './oidc.js';

t.test('how people reach it: as it is said, else where the issuer sends them back', async (t) => {
  const back = 'https://tasks.example.com/x/auth/oidc/callback';
  t.same(externalUrlOf({}), {});
  t.same(externalUrlOf({ oidcRedirectUrl: back }), { externalUrl: 'https://tasks.example.com/x' });
  t.same(externalUrlOf({ oidcRedirectUrl: back, externalUrl: 'https://other.example' }), {
    externalUrl: 'https://other.example',
  });
});

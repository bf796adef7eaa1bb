import t from 'tap';
import { wantsColour } from './colour.js';

t.test('flag beats NO_COLOR beats FORCE_COLOR beats the terminal (C-89)', async (t) => {
  const tty = { isTTY: true };
  const pipe = { isTTY: false };
  t.equal(wantsColour(tty, {}), true);
  t.equal(wantsColour(tty, { TERM: 'dumb' }), false);
  t.equal(wantsColour(tty, { NO_COLOR: '1' }), false);
  t.equal(wantsColour(tty, { NO_COLOR: '' }), true);
  t.equal(wantsColour(pipe, {}), false);
  t.equal(wantsColour(pipe, { FORCE_COLOR: '1' }), true);
  t.equal(wantsColour(pipe, { FORCE_COLOR: '0' }), false);
  t.equal(wantsColour(pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
  t.equal(wantsColour(pipe, { NO_COLOR: '1' }, 'always'), true);
  t.equal(wantsColour(tty, {}, 'never'), false);
  t.throws(() => wantsColour(tty, {}, 'maybe'), { code: 'CT_USAGE' });
});

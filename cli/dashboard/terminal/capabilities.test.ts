import t from 'tap';
import { asciiOnly, colourDepth } from './capabilities.js';

t.test('colours (T-50)', async (t) => {
  t.equal(colourDepth({ TERM: 'xterm' }), '16');
  t.equal(colourDepth({ TERM: 'xterm-256color' }), '256');
  t.equal(colourDepth({ TERM: 'xterm-256color', COLORTERM: 'truecolor' }), 'true');
  t.equal(colourDepth({ TERM: 'xterm-direct' }), 'true');
  t.equal(colourDepth({ TERM: 'rxvt', COLORTERM: 'rxvt' }), '256');
  t.equal(colourDepth({ TERM: 'xterm-256color', NO_COLOR: '1' }), 'none');
  t.equal(colourDepth({ TERM: 'xterm-256color', NO_COLOR: '' }), '256', 'empty is not set (no-color.org)');
  t.equal(colourDepth({ TERM: 'xterm' }, 'never'), 'none');
  t.equal(colourDepth({ TERM: 'xterm', NO_COLOR: '1' }, 'always'), '16');
  t.throws(() => colourDepth({}, 'sometimes'), { code: 'CT_USAGE' });
});

t.test('characters (T-50)', async (t) => {
  t.ok(asciiOnly({ LANG: 'C' }));
  t.ok(asciiOnly({ LANG: 'POSIX' }));
  t.ok(asciiOnly({ LANG: 'de_DE.ISO-8859-1' }));
  t.ok(asciiOnly({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), 'LC_ALL is the strongest');
  t.notOk(asciiOnly({ LC_CTYPE: 'C.UTF-8', LANG: 'C' }));
  t.notOk(asciiOnly({ LANG: 'en_US.utf8' }));
  t.notOk(asciiOnly({ LANG: 'de_DE.UTF-8@euro' }));
  t.notOk(asciiOnly({ LC_ALL: '', LANG: '' }), 'not set: terminals of today');
});

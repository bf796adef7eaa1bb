// The dashboard and a terminal session: keys in, frames out.
import { render } from 'ink';
import { App } from './components/app.js';
import type { SkinName } from './components/skins.js';
import type { Dashboard } from './dashboard.js';
import { type Key, parseKey, pasteKey } from './keys/key-parser.js';
import { inkOptions } from './terminal/ink-options.js';
import type { TerminalSession } from './terminal/session.js';
import { frameLines } from './views/frame-lines.js';

/** Returns what ends it. */
export function attach(dashboard: Dashboard, session: TerminalSession, skin?: SkinName): () => void {
  const { stdin, stdout, colour, ascii } = session;
  const press = (key: Key | undefined) => {
    if (key !== undefined) dashboard.press(key);
  };
  const onRead = (read: Buffer | string) => press(parseKey(String(read)));
  const onResize = () => dashboard.changes.now();
  const size = () => ({ width: stdout.columns, height: stdout.rows });
  const lines = () => frameLines(dashboard.frame(), size(), { now: dashboard.now(), ascii });
  const ends = [
    session.onPaste((text) => press(pasteKey(text))),
    session.onMouse((event) => dashboard.point(event, lines)),
    // The session has written it to the log.
    session.onTalk((line) => dashboard.flashes.show(line, 'warn')),
    () => stdin.off('data', onRead),
    () => stdout.off('resize', onResize),
  ];
  const ink = render(<App {...{ dashboard, colour, ascii, size, skin }} />, inkOptions(session));
  stdin.on('data', onRead);
  stdout.on('resize', onResize);
  dashboard.start();
  return () => {
    for (const end of ends) end();
    dashboard.stop();
    ink.unmount();
  };
}

// What the dashboard says, line by line: one row per line, drawn again only when it has changed (I-02).
import { Box, Text, Transform } from 'ink';
import { memo, useSyncExternalStore } from 'react';
import type { Dashboard } from '../dashboard.js';
import type { Size } from '../navigation/screen.js';
import type { ColourDepth } from '../terminal/capabilities.js';
import { asciiLine } from '../text/ascii.js';
import { frameLines } from '../views/frame-lines.js';
import type { SkinName } from './skins.js';
import { paint } from './theme.js';

export interface AppProps {
  readonly dashboard: Dashboard;
  readonly colour: ColourDepth;
  readonly ascii: boolean;
  readonly size: () => Size;
  readonly skin?: SkinName | undefined;
}

/** A row comes as wide as the screen, so Ink has nothing to measure: its text is what a blank is transformed to. As a child it
 * would be measured, and Ink keeps every text it ever measured, which a dashboard that is open for days cannot afford. */
const Row = memo(function Row({ text }: { readonly text: string }) {
  return (
    <Text>
      <Transform transform={() => text}> </Transform>
    </Text>
  );
});

export function App({ dashboard, colour, ascii, size, skin }: AppProps) {
  useSyncExternalStore(dashboard.changes.subscribe, dashboard.changes.version);
  const lines = frameLines(dashboard.frame(), size(), { now: dashboard.now(), ascii });
  const rows = lines.map((line) => paint(ascii ? asciiLine(line) : line, colour, skin));
  return (
    <Box flexDirection="column">
      {rows.map((text, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen has no other identity; rows of a table are followed by uid before they come here
        <Row key={index} text={text} />
      ))}
    </Box>
  );
}

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { applyPreferences } from './shell/preferences.js';
import { applyTheme, storedTheme } from './shell/theme.js';
import './start/ask.js';
import { firstAnswers } from './start/answers.js';

/** Longer than this a slow center does not keep the frame of the page away. */
const PATIENCE_MS = 200;

applyTheme(storedTheme());
applyPreferences();
await firstAnswers(PATIENCE_MS);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { applyPreferences } from './shell/preferences.js';
import { applyTheme, storedTheme } from './shell/theme.js';

applyTheme(storedTheme());
applyPreferences();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

// Listens to the keys of the table, wherever the focus is, and opens what they are for.
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { type KeyAction, KeyReader, lettersOn } from './keys.js';
import type { PalettePlace } from './palette.js';

const Palette = lazy(() => import('./palette.js').then((module) => ({ default: module.Palette })));
const KeyHelp = lazy(() => import('./key-help.js').then((module) => ({ default: module.KeyHelp })));

export type Opened = 'palette' | 'help' | undefined;

interface KeyListenerProps {
  readonly places: readonly PalettePlace[];
  readonly opened: Opened;
  readonly onOpen: (what: Opened) => void;
}

export function KeyListener({ places, opened, onOpen }: KeyListenerProps) {
  const [, navigate] = useLocation();
  const [reader] = useState(() => new KeyReader());
  const act = useRef<(action: KeyAction) => void>(() => undefined);
  act.current = (action) => {
    if (typeof action === 'object') navigate(action.go);
    else if (action === 'search') document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
    else onOpen(action);
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // A dialog has keys of its own.
      if (document.querySelector('dialog[open]') !== null || event.repeat) return;
      const action = reader.read(event, event.timeStamp, lettersOn() && !isTyping(event));
      if (action === undefined) return;
      event.preventDefault();
      act.current(action);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [reader]);
  return (
    <Suspense>
      {opened === 'palette' && (
        <Palette places={places} onHelp={() => onOpen('help')} onClose={() => onOpen(undefined)} />
      )}
      {opened === 'help' && <KeyHelp onClose={() => onOpen(undefined)} />}
    </Suspense>
  );
}

/** In an editor, too: its shadow root is open. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

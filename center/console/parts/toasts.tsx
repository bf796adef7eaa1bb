// What has just happened, told once at the edge of the page.
import { X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { CommandLine } from './command-line.js';

export interface Toast {
  readonly text: string;
  readonly tone: 'good' | 'bad';
  /** What to type for the same. */
  readonly command?: string;
}

const SHOWN_MS = 8000;

const Context = createContext<(toast: Toast) => void>(() => undefined);

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([]);
  const count = useRef(0);
  const forget = useCallback((id: number) => setToasts((before) => before.filter((toast) => toast.id !== id)), []);
  const tell = useCallback(
    (toast: Toast) => {
      count.current += 1;
      const id = count.current;
      setToasts((before) => [...before.slice(-3), { ...toast, id }]);
      setTimeout(() => forget(id), SHOWN_MS);
    },
    [forget],
  );
  return (
    <Context.Provider value={tell}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, text, tone, command }) => (
          <div key={id} className={`toast ${tone}`}>
            <p>{text}</p>
            {command !== undefined && <CommandLine command={command} />}
            <button type="button" className="icon-button small" aria-label="Dismiss" onClick={() => forget(id)}>
              <X aria-hidden />
            </button>
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}

export function useToast(): (toast: Toast) => void {
  return useContext(Context);
}

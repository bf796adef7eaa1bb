// Which namespace the pages look at; kept in the address, so that a link shows to others what it shows here.
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useSearchParams } from 'wouter';

interface Scope {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  choose(namespace: string | undefined): void;
}

const Context = createContext<Scope>({ namespace: undefined, choose: () => undefined });
const KEY = 'ctask.namespace';

export function NamespaceScope({ children }: { readonly children: ReactNode }) {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('namespace');
  const namespace = (asked ?? localStorage.getItem(KEY) ?? '') || undefined;
  const scope = useMemo(
    (): Scope => ({
      namespace,
      choose: (chosen) => {
        localStorage.setItem(KEY, chosen ?? '');
        setParameters(
          (before) => {
            const after = new URLSearchParams(before);
            after.delete('page');
            after.set('namespace', chosen ?? '');
            return after;
          },
          { replace: true },
        );
      },
    }),
    [namespace, setParameters],
  );
  return <Context.Provider value={scope}>{children}</Context.Provider>;
}

export function useNamespace(): Scope {
  return useContext(Context);
}

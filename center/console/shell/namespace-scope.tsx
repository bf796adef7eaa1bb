// Which namespace the pages look at; kept in the address, so that a link shows to others what it shows here.
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { keepNamespace, namespaceOf } from '../start/queries.js';

interface Scope {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  choose(namespace: string | undefined): void;
}

const Context = createContext<Scope>({ namespace: undefined, choose: () => undefined });

export function NamespaceScope({ children }: { readonly children: ReactNode }) {
  const [parameters, setParameters] = useSearchParams();
  const namespace = namespaceOf(parameters);
  const scope = useMemo(
    (): Scope => ({
      namespace,
      choose: (chosen) => {
        keepNamespace(chosen);
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

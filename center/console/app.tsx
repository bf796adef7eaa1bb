// Who is signed in, and then the pages.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Router } from 'wouter';
import { ApiError } from './api/api-error.js';
import { whenSignedOut, whenWritten } from './api/request.js';
import { currentUser, firstUser, type SessionUser, signOut } from './api/session.js';
import { Pages } from './pages/pages.js';
import { Boot } from './parts/boot.js';
import { Toasts } from './parts/toasts.js';
import { ChangePassword } from './shell/change-password.js';
import { NamespaceScope } from './shell/namespace-scope.js';
import { Shell } from './shell/shell.js';
import { SignIn } from './shell/sign-in.js';
import { Unreachable } from './shell/unreachable.js';
import { forgetFirst } from './start/answers.js';
import { keepSignedIn } from './start/queries.js';
import { LISTED } from './state/use-listed.js';
import { forgetLists } from './state/use-live.js';
import { forgetRights } from './state/use-rights.js';

type Session =
  | { readonly phase: 'asking' }
  | { readonly phase: 'none'; readonly over?: boolean }
  | { readonly phase: 'unknown'; readonly error: ApiError }
  | { readonly phase: 'there'; readonly user: SessionUser };

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (count, error) => error instanceof ApiError && error.passing && count < 2, staleTime: 5_000 },
  },
});

export function App() {
  const [session, setSession] = useState<Session>(() => {
    const user = firstUser();
    return user === undefined ? { phase: 'asking' } : { phase: 'there', user };
  });
  const known = useRef(session.phase);

  const ask = useCallback(() => {
    currentUser().then(
      (user) => setSession(user === undefined ? { phase: 'none' } : { phase: 'there', user }),
      // An earlier question may end after a later one was answered.
      (error: unknown) =>
        setSession((before) => (isSettled(before) ? before : { phase: 'unknown', error: asApiError(error) })),
    );
  }, []);

  useEffect(() => {
    whenSignedOut(() => {
      forgetLists();
      forgetRights();
      queries.clear();
      // Several requests are refused at once: the first one says that a session has ended.
      setSession((before) => (before.phase === 'none' ? before : { phase: 'none', over: before.phase === 'there' }));
    });
    whenWritten(() => void queries.invalidateQueries({ queryKey: [LISTED] }));
    if (known.current !== 'there') ask();
  }, [ask]);

  useEffect(() => {
    if (session.phase === 'there' || session.phase === 'none') keepSignedIn(session.phase === 'there');
    if (session.phase === 'none') forgetFirst();
  }, [session.phase]);

  /** Throws ApiError: whoever could not be signed out is signed in. */
  const leave = useCallback(async () => {
    await signOut().catch((error: unknown) => {
      if (asApiError(error).status !== 401) throw error;
    });
    forgetLists();
    forgetRights();
    queries.clear();
    setSession({ phase: 'none' });
  }, []);

  if (session.phase === 'asking') return <Boot />;
  if (session.phase === 'unknown') return <Unreachable error={session.error} onAgain={ask} />;
  if (session.phase === 'none') {
    return <SignIn over={session.over === true} onSignedIn={(user) => setSession({ phase: 'there', user })} />;
  }
  if (session.user.mustChangePassword) {
    return (
      <ChangePassword
        user={session.user}
        onChanged={(user) => setSession({ phase: 'there', user })}
        onSignOut={leave}
      />
    );
  }
  return (
    <QueryClientProvider client={queries}>
      <Router base="/console">
        <NamespaceScope>
          <Toasts>
            <Shell user={session.user} onSignOut={leave}>
              <Pages />
            </Shell>
          </Toasts>
        </NamespaceScope>
      </Router>
    </QueryClientProvider>
  );
}

const isSettled = ({ phase }: Session): boolean => phase === 'there' || phase === 'none';

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'Unknown', String(error));
}

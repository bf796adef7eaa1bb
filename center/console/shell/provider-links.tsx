import { useEffect, useState } from 'react';
import { type Provider, providers } from '../api/session.js';

/** What the center says of a sign-in at an issuer that did not work, in words: it sends nothing but one of these. */
const PROBLEMS: Readonly<Record<string, string>> = {
  refused: 'Signing in there did not work: it was begun elsewhere, took too long, or was not confirmed. Try again.',
  forbidden: 'You are known there, but may not sign in here. Ask an administrator.',
  unavailable: 'Signing in there is not possible now. Use a password or a token, or try again later.',
  none: 'Nobody signs in elsewhere here. Use a password or a token.',
};

/** Of the address that the center has sent the browser to; undefined without one. */
export function problemOfAddress(search: string): string | undefined {
  return PROBLEMS[new URLSearchParams(search).get('sign-in') ?? ''];
}

/** One link for each issuer where users can sign in besides, which comes back to this page. */
export function ProviderLinks() {
  const [known, setKnown] = useState<readonly Provider[]>([]);
  useEffect(() => {
    // Without an answer there is still the form, whose own request says what is wrong.
    providers().then(setKnown, () => undefined);
  }, []);
  const { pathname, search } = window.location;
  const here = problemOfAddress(search) === undefined ? pathname + search : '/console/';
  return known.map(({ label, start }) => (
    <a key={start} className="button wide" href={`${start}?next=${encodeURIComponent(here)}`}>
      Sign in with {label}
    </a>
  ));
}

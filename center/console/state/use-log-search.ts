// Lines of a log that contain a text: in the window when that is all of it, at the center otherwise.
import { useEffect, useMemo, useState } from 'react';
import { plainText } from '../text/ansi.js';
import { type Found, searchLog } from './log-search.js';
import type { LogSnapshot } from './log-window.js';

const TYPING_MS = 400;

/** @returns undefined while the center looks, and when nothing is wanted */
export function useLogSearch(
  place: { readonly namespace: string; readonly run: string; readonly attempt: number },
  { lines, from, atEnd }: LogSnapshot,
  wanted: string,
): Found | undefined {
  const { namespace, run, attempt } = place;
  const whole = from === 0 && atEnd;
  const here = useMemo((): Found | undefined => {
    if (!whole || wanted === '') return undefined;
    const lower = wanted.toLowerCase();
    const found = lines.filter(({ text }) => plainText(text).toLowerCase().includes(lower));
    return { at: found.map(({ at }) => at), cut: false };
  }, [whole, lines, wanted]);
  const [there, setThere] = useState<{ readonly wanted: string; readonly found: Found }>();
  useEffect(() => {
    if (whole || wanted === '') return undefined;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      searchLog({ namespace, run, attempt }, wanted, ending.signal).then(
        (found) => setThere({ wanted, found }),
        () => undefined, // the view of the log says that the center is away
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [whole, wanted, namespace, run, attempt]);
  return whole ? here : there?.wanted === wanted ? there.found : undefined;
}

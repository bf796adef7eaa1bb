import { distance } from 'fastest-levenshtein';

const MOST_EDITS = 2;
/** Longer words are no typing errors, and comparing them takes long. */
const LONGEST_WORD = 64;

/** The candidate a person most likely meant: at most two edits away, or the same in lower case. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let fewest = Math.min(MOST_EDITS, Math.max(0, word.length - 2)) + 1;
  for (const candidate of candidates) {
    const edits = candidate.toLowerCase() === wanted ? 0 : distance(wanted, candidate.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const best = suggest(word, candidates);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

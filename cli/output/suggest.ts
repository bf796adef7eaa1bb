import { distance } from 'fastest-levenshtein';

/** Beyond two letters of difference a suggestion is a guess. */
const FARTHEST = 2;

/** The candidate that `word` was probably meant to be. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = FARTHEST + 1;
  for (const candidate of candidates) {
    const far = distance(wanted, candidate.toLowerCase());
    // At least one letter of both must stay.
    if (far < bestDistance && far < Math.min(wanted.length, candidate.length)) {
      best = candidate;
      bestDistance = far;
    }
  }
  return best;
}

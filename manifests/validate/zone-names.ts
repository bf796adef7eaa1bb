import { suggest } from './suggest.js';

const LONGEST_NAME = 64;
let names: readonly string[] | undefined;

/** `; did you mean "Europe/Berlin"?`: a zone spelt alike, or one whose city was written alone. */
export function zoneSuggestion(written: string): string {
  if (written.length > LONGEST_NAME) return '';
  names ??= [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/UTC'];
  const plain = written.trim().replaceAll(' ', '_');
  const city = plain.toLowerCase().split('/').at(-1)!;
  const guess =
    suggest(plain, names) ??
    names.find((name) => name.toLowerCase().split('/').at(-1) === city) ??
    suggest(
      city,
      names.map((name) => name.split('/').at(-1)!),
    );
  const full =
    guess === undefined
      ? undefined
      : (names.find((name) => name === guess) ?? names.find((name) => name.endsWith(`/${guess}`)));
  return full === undefined ? '' : `; did you mean "${full}"?`;
}

import { suggest } from './suggest.js';

/** Longer texts are no zone that was written wrongly. */
const LONGEST_NAME = 64;
let names: readonly string[] | undefined;

const cityOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** `; did you mean "Europe/Berlin"?`: a zone spelt alike, or one whose city was written alone. */
export function zoneSuggestion(written: string): string {
  if (written.length > LONGEST_NAME) return '';
  names ??= ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const plain = written.trim().replaceAll(' ', '_');
  const guess = suggest(plain, names) ?? zoneOfCity(plain, names);
  return guess === undefined ? '' : `; did you mean "${guess}"?`;
}

function zoneOfCity(written: string, zones: readonly string[]): string | undefined {
  const wanted = cityOf(written).toLowerCase();
  const exact = zones.find((zone) => cityOf(zone).toLowerCase() === wanted);
  if (exact !== undefined || written.includes('/')) return exact;
  const city = suggest(wanted, zones.map(cityOf));
  return zones.find((zone) => cityOf(zone) === city);
}

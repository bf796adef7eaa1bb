// How somebody likes to see things, kept in this browser. Themes are in theme.ts.
import { tellTimesIn } from '../text/times.js';

export const ZONES = ['local', 'utc'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;
export type Zone = (typeof ZONES)[number];
export type Density = (typeof DENSITIES)[number];

const ZONE_KEY = 'ctask.zone';
const DENSITY_KEY = 'ctask.density';

export function storedZone(): Zone {
  const text = localStorage.getItem(ZONE_KEY);
  return ZONES.find((zone) => zone === text) ?? 'local';
}

export function storedDensity(): Density {
  const text = localStorage.getItem(DENSITY_KEY);
  return DENSITIES.find((density) => density === text) ?? 'comfortable';
}

export function chooseZone(zone: Zone): void {
  localStorage.setItem(ZONE_KEY, zone);
  applyPreferences();
}

export function chooseDensity(density: Density): void {
  localStorage.setItem(DENSITY_KEY, density);
  applyPreferences();
}

export function applyPreferences(): void {
  tellTimesIn(storedZone() === 'utc' ? 'UTC' : undefined);
  document.documentElement.dataset.density = storedDensity();
}

let zoneHere: string | undefined;

/** The zone of whoever looks. Asked for when it is wanted: the first use of Intl takes longer than a page takes to be drawn. */
export function here(): string {
  zoneHere ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zoneHere;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  formats.set(key, format);
  return format;
}

const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;

/** `Mon 23 Nov, 02:00:00`. */
export function timeIn(zone: string, instant: number): string {
  return `${formatOf(zone, DAY).format(instant).replace(',', '')}, ${formatOf(zone, CLOCK).format(instant)}`;
}

/** `02:00:00`. */
export function clockIn(zone: string, instant: number): string {
  return formatOf(zone, CLOCK).format(instant);
}

let shown: string | undefined;

/** @param zone in which exact times are told from now on; undefined for that of whoever looks */
export function tellTimesIn(zone: string | undefined): void {
  shown = zone;
}

/** The zone in which exact times are told. */
export function shownZone(): string {
  return shown ?? here();
}

/** `02:00`. */
export function minuteIn(zone: string, instant: number): string {
  return formatOf(zone, { hour: '2-digit', minute: '2-digit' }).format(instant);
}

/** How far the clocks of a zone are ahead of UTC at an instant, ms. */
export function offsetOf(zone: string, instant: number): number {
  const wall = new Date(instant).toLocaleString('sv-SE', { timeZone: zone });
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000;
}

/** `Mon 23`. */
export function weekdayIn(zone: string, instant: number): string {
  return formatOf(zone, { weekday: 'short', day: 'numeric' }).format(instant).replace(',', '');
}

/** `Mon 23 Nov 2026`. */
export function dayIn(zone: string, instant: number): string {
  return formatOf(zone, { ...DAY, year: 'numeric' })
    .format(instant)
    .replace(',', '');
}

/** `Mon 23 Nov 2026, 02:00:00 (Europe/Berlin)`, for whoever wants to know exactly. */
export function exactTime(instant: number): string {
  const zone = shownZone();
  return `${dayIn(zone, instant)}, ${clockIn(zone, instant)} (${zone})`;
}

/** What a field for a date and a time holds: `2026-11-23T02:00`, in the zone of whoever looks. */
export function inputTime(instant: number): string {
  const there = new Date(instant - new Date(instant).getTimezoneOffset() * 60_000);
  return there.toISOString().slice(0, 16);
}

// Sets of numbers as words.

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** Values in ascending order as `1, 5 to 9 and 30`. */
export function valuesInWords(values: readonly number[], word: (value: number) => string = String): string {
  const parts: string[] = [];
  for (let i = 0; i < values.length; ) {
    let end = i;
    while (values[end + 1] === values[end]! + 1) end += 1;
    // Two neighbours are two values.
    if (end - i >= 2) parts.push(`${word(values[i]!)} to ${word(values[end]!)}`);
    else for (let k = i; k <= end; k++) parts.push(word(values[k]!));
    i = end + 1;
  }
  return listed(parts);
}

/** The distance between at least three values when it is always the same. */
export function stepOf(values: readonly number[]): number | undefined {
  if (values.length < 3) return undefined;
  const step = values[1]! - values[0]!;
  return values.every((value, i) => i === 0 || value - values[i - 1]! === step) ? step : undefined;
}

/** `1st`, `2nd`, `11th`. */
export function ordinal(value: number): string {
  const teen = value % 100 > 10 && value % 100 < 14;
  return `${value}${(teen ? undefined : ['th', 'st', 'nd', 'rd'][value % 10]) ?? 'th'}`;
}

/** The values of a field's set; index 0 is `min`. */
export function valuesOf(set: Uint8Array, min = 0): number[] {
  return [...set].flatMap((match, index) => (match === 1 ? [index + min] : []));
}

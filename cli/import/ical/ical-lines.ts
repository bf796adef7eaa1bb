// The lines of an iCalendar file (RFC 5545) as events, with the places of what they say: the library that expands them knows
// no lines, and passes over what it does not understand.

export interface IcalProperty {
  /** Upper-case. */
  readonly name: string;
  /** Upper-case names and values, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

export interface IcalEvent {
  /** Of its BEGIN. */
  readonly line: number;
  readonly properties: readonly IcalProperty[];
  /** The lines from BEGIN to END, unfolded. */
  readonly text: string;
}

export interface IcalProblem {
  readonly line: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** The events of a text; what is wrong with its outer form is told with the line. */
export function icalEvents(text: string): { events: readonly IcalEvent[]; problems: readonly IcalProblem[] } {
  const events: IcalEvent[] = [];
  const lines = unfolded(text);
  if (lines[0]?.text.toUpperCase() !== 'BEGIN:VCALENDAR') {
    const message = 'is no iCalendar file: it does not begin with BEGIN:VCALENDAR';
    return { events, problems: [{ line: lines[0]?.line ?? 1, message, severity: 'error' }] };
  }
  const problems: IcalProblem[] = [];
  const open: { name: string; line: number }[] = [];
  let event: { line: number; properties: IcalProperty[]; texts: string[] } | undefined;
  for (const { text: content, line } of lines) {
    const property = propertyOf(content, line);
    event?.texts.push(content);
    if (property === undefined) {
      problems.push({ line, message: `"${content.slice(0, 60)}" is no property: it has no ":"`, severity: 'error' });
    } else if (property.name === 'BEGIN') {
      const name = property.value.toUpperCase();
      open.push({ name, line });
      if (name === 'VEVENT') event = { line, properties: [], texts: [content] };
    } else if (property.name === 'END') {
      const name = property.value.toUpperCase();
      const last = open.pop();
      if (last?.name !== name) {
        const wanted = last === undefined ? 'nothing is open' : `${last.name} of line ${last.line} is open`;
        return {
          events,
          problems: [...problems, { line, message: `END:${name} where ${wanted}`, severity: 'error' }],
        };
      }
      if (name === 'VEVENT' && event !== undefined) {
        events.push({ line: event.line, properties: event.properties, text: event.texts.join('\r\n') });
        event = undefined;
      }
    } else if (open.at(-1)?.name === 'VEVENT') {
      // What is in an alarm of the event is not of the event.
      event?.properties.push(property);
    }
  }
  for (const { name, line } of open) problems.push({ line, message: `${name} has no END`, severity: 'error' });
  return { events, problems };
}

/** Long lines go on behind a line break and a blank (RFC 5545, 3.1). */
function unfolded(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const last = lines.at(-1);
    if (last !== undefined && /^[ \t]/.test(raw)) last.text += raw.slice(1);
    else if (raw !== '') lines.push({ text: raw, line: index + 1 });
  }
  return lines;
}

function propertyOf(content: string, line: number): IcalProperty | undefined {
  const match = /^([A-Za-z0-9-]+)((?:;[^=;:]+=(?:"[^"]*"|[^";:])*)*):(.*)$/s.exec(content);
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, value] of match[2]!.matchAll(/;([^=;:]+)=((?:"[^"]*"|[^";:])*)/g)) {
    parameters.set(name!.toUpperCase(), value!.replaceAll('"', '').toUpperCase());
  }
  return { name: match[1]!.toUpperCase(), parameters, value: match[3]!, line };
}

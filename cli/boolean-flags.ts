// `--watch=false`, `--ignore-not-found=true`: scripts written for kubectl give flags that are on or off a value.
import type { Command, Option } from 'commander';

/**
 * The arguments with such values taken away: `--x=true` is `--x`; `--x=false` is nothing, or `--no-x` where there is one.
 * Flags that take a value of their own somewhere below `program` stay as they are, and so does all after `--`.
 */
export function plainBooleans(argv: readonly string[], program: Command): string[] {
  const flags = new Map<string, Option>();
  const valued = new Set<string>();
  for (const option of optionsBelow(program)) {
    for (const name of [option.short, option.long]) {
      if (name === undefined) continue;
      if (option.isBoolean() || option.negate) flags.set(name, option);
      else valued.add(name);
    }
  }
  const end = argv.indexOf('--');
  return argv.flatMap((arg, i) => {
    const [, name = '', value] = end !== -1 && i > end ? [] : (/^(--?[A-Za-z][\w-]*)=(true|false)$/.exec(arg) ?? []);
    if (value === undefined || valued.has(name)) return [arg];
    const on = flags.has(name);
    const off = `--no-${name.slice(2)}`;
    if (!on && !flags.has(off)) return [arg];
    if (value === 'true') return on ? [name] : [];
    return flags.has(off) ? [off] : [];
  });
}

function* optionsBelow(command: Command): Generator<Option> {
  yield* command.options;
  for (const inner of command.commands) yield* optionsBelow(inner);
}

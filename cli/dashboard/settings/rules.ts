// What of the settings can only be judged together with the keys and commands that there are.
import { columnsOf, kinds } from '../../../manifests/index.js';
import { findKey } from '../keys/keymap.js';
import { tableScopes } from '../keys/table-scopes.js';
import { commandWords } from '../navigation/commands.js';
import type { Plugin, UiSettings } from './settings.js';
import { didYouMean, invalid, type Path, pathText, type SettingProblem } from './shape.js';
import { ALL_TABLES } from './ui-shape.js';

const KIND_NAMES = kinds.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
const WORDS = [...commandWords.flatMap(({ names }): readonly string[] => names), ...KIND_NAMES];

export function ruleProblems(settings: UiSettings, path: Path): SettingProblem[] {
  return [
    ...[...settings.columns].flatMap(([plural, columns]) =>
      columns.flatMap(({ name, path: own }, i) =>
        own === undefined ? columnProblems(plural, name, [...path, 'views', plural, 'columns', i, 'name']) : [],
      ),
    ),
    ...[...settings.aliases].flatMap(([name, line]) => aliasProblems(name, line, [...path, 'aliases', name])),
    ...settings.plugins.flatMap((plugin, i) =>
      shortcutProblems(plugin, settings.plugins.slice(0, i), [...path, 'plugins', i, 'shortcut']),
    ),
  ];
}

/** Without a path it is a column that the table has anyway. */
function columnProblems(plural: string, name: string, path: Path): SettingProblem[] {
  const kind = kinds.find((row) => row.plural === plural)?.kind ?? '';
  const known = ['NAMESPACE', ...columnsOf(kind).map((column) => column.name)];
  if (known.includes(name.toUpperCase())) return [];
  return [invalid(path, name, `${plural} have no such column, and it has no path${didYouMean(name, known)}`)];
}

function aliasProblems(name: string, line: string, path: Path): SettingProblem[] {
  if (WORDS.includes(name)) {
    return [{ path, key: true, message: `${pathText(path)}: Invalid name: "${name}" is a command already` }];
  }
  const [first = ''] = line.trim().split(/\s+/);
  if (WORDS.includes(first.toLowerCase())) return [];
  return [invalid(path, line, `there is no command "${first}"${didYouMean(first, WORDS)}`)];
}

function shortcutProblems(plugin: Plugin, before: readonly Plugin[], path: Path): SettingProblem[] {
  const { shortcut, scopes } = plugin;
  const taken = (what: string) => [invalid(path, shortcut, `the key is taken: ${what}`)];
  const other = before.find((one) => one.shortcut === shortcut && overlap(one.scopes, scopes));
  if (other !== undefined) return taken(other.description);
  for (const { kind, plural } of kinds) {
    if (!overlap(scopes, [plural])) continue;
    const row = findKey([...tableScopes(kind), 'global'], shortcut);
    if (row !== undefined) return taken(`${row.help}, in ${plural}`);
  }
  return [];
}

function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.includes(ALL_TABLES) || other.includes(ALL_TABLES) || one.some((scope) => other.includes(scope));
}

// The section `ui`, field by field, as far as each can be judged by itself.
import { messageOf } from '../../../base/index.js';
import { kinds } from '../../../manifests/index.js';
import { jsonPathValues } from '../../output/jsonpath.js';
import { SKIN_NAMES } from '../components/skins.js';
import type { Shape, TextRule } from './shape.js';

/** More are hardly remembered. */
const PLUGINS_MAX = 50;
const ALIASES_MAX = 200;
const COLUMNS_MAX = 30;
const ARGS_MAX = 100;
/** What the help has room for. */
const DESCRIPTION_MAX = 24;

export const ALL_TABLES = 'all';
const PLURALS = kinds.map(({ plural }) => plural);

const oneLine: TextRule = (text) => (/\p{Cc}/u.test(text) ? 'must be one line' : undefined);

const jsonPath: TextRule = (text) => {
  try {
    jsonPathValues(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
};

const word: TextRule = (text) =>
  /^[a-z][a-z0-9-]{0,30}$/.test(text)
    ? undefined
    : `Invalid name: "${text}": must consist of lower-case letters, digits and "-", and begin with a letter`;

const TEXT: Shape = { is: 'text', rule: oneLine };
const SWITCH: Shape = { is: 'boolean' };

const column: Shape = {
  is: 'fields',
  required: ['name'],
  fields: { name: TEXT, path: { is: 'text', rule: jsonPath } },
};

const plugin: Shape = {
  is: 'fields',
  required: ['shortcut', 'scopes', 'description', 'command'],
  fields: {
    shortcut: { is: 'text', rule: shortcutRule },
    scopes: { is: 'list', of: { is: 'text', oneOf: [ALL_TABLES, ...PLURALS] }, max: PLURALS.length + 1 },
    description: {
      is: 'text',
      rule: (text) => (text.length > DESCRIPTION_MAX ? `may have ${DESCRIPTION_MAX} letters` : oneLine(text)),
    },
    command: TEXT,
    // A script is an argument too.
    args: { is: 'list', of: { is: 'text' }, max: ARGS_MAX },
    confirm: SWITCH,
    dangerous: SWITCH,
    background: SWITCH,
  },
};

const view: Shape = {
  is: 'fields',
  fields: { columns: { is: 'list', of: column, max: COLUMNS_MAX } },
};

export const uiShape: Shape = {
  is: 'fields',
  fields: {
    skin: { is: 'text', oneOf: SKIN_NAMES },
    mouse: SWITCH,
    readOnly: SWITCH,
    views: { is: 'fields', fields: Object.fromEntries(PLURALS.map((plural) => [plural, view])) },
    aliases: { is: 'names', of: TEXT, name: word, max: ALIASES_MAX },
    plugins: { is: 'list', of: plugin, max: PLUGINS_MAX },
  },
};

/** Control keys that a terminal sends for Backspace, Tab and Enter. */
const OTHER_KEYS: Readonly<Record<string, string>> = {
  ...{ 'ctrl-h': 'backspace', 'ctrl-i': 'tab', 'ctrl-m': 'enter', 'ctrl-j': 'enter' },
};

/** The name that the help has for it: `Shift-W` and `W` are `shift-w`. */
export function shortcutName(text: string): string {
  return /^[A-Z]$/.test(text) ? `shift-${text.toLowerCase()}` : text.toLowerCase();
}

function shortcutRule(text: string): string | undefined {
  const name = shortcutName(text);
  const other = OTHER_KEYS[name];
  if (other !== undefined) return `a terminal sends it for ${other}`;
  if (/^(?:ctrl|shift)-[a-z]$/.test(name) || /^[!-~]$/.test(name)) return undefined;
  return 'must be one letter, or one behind "shift-" or "ctrl-"';
}

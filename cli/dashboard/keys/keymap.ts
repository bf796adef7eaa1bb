// What every key does, in one table: it dispatches the keys, and it is what the help and the header show.

/** Where a key works. A screen has several scopes, the particular one first. */
export type Scope =
  | 'global'
  | 'table'
  | 'tasks'
  | 'runs'
  | 'agents'
  | 'revisions'
  | 'text'
  | 'yaml'
  | 'logs'
  | 'search'
  | 'list'
  | 'object'
  | 'ofTask'
  | 'ofRun'
  | 'next'
  | 'pulses'
  | 'xray'
  | 'timeline'
  | 'doctor';

export type Group = 'General' | 'Navigation' | 'Table' | 'Resource' | 'Plugins' | 'Text';

/** Verbs of the center's routes. */
export type WriteVerb = 'run' | 'suspend' | 'retry' | 'cancel' | 'cordon' | 'drain' | 'undo' | 'patch' | 'delete';

export interface KeyRow {
  readonly scope: Scope;
  /** The name of the handler within the scope. */
  readonly action: string;
  /** The first one is what the header shows. */
  readonly keys: readonly string[];
  /** What it does, in a few words. */
  readonly help: string;
  readonly group: Group;
  /** It changes something: what the center calls that. Hidden and refused in read-only mode, and hidden from who may not do it. */
  readonly writes?: WriteVerb;
  /** Only for kinds that have this verb. */
  readonly verb?: 'get' | 'update' | 'delete';
  /** Worth a place in the header. */
  readonly hint?: true;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

export const keymap = [
  {
    scope: 'tasks',
    action: 'trigger',
    keys: ['t'],
    help: 'Trigger',
    group: 'Resource',
    writes: 'run',
    hint: true,
  },
  { scope: 'tasks', action: 'logs', keys: ['l'], help: 'Logs', group: 'Resource', hint: true },
  { scope: 'tasks', action: 'previousLogs', keys: ['p'], help: 'Logs of the run before', group: 'Resource' },
  {
    scope: 'tasks',
    action: 'suspend',
    keys: ['s'],
    help: 'Suspend/resume',
    group: 'Resource',
    writes: 'suspend',
    hint: true,
  },
  { scope: 'tasks', action: 'next', keys: ['x'], help: 'Next runs', group: 'Resource', hint: true },
  { scope: 'tasks', action: 'why', keys: ['w'], help: 'Why not', group: 'Resource', hint: true },
  { scope: 'tasks', action: 'doctor', keys: ['i'], help: 'What is wrong', group: 'Resource' },
  { scope: 'tasks', action: 'history', keys: ['h'], help: 'Revisions', group: 'Resource' },
  { scope: 'tasks', action: 'sortLastRun', keys: ['shift-r'], help: 'Sort by last run', group: 'Table' },
  { scope: 'tasks', action: 'sortNextRun', keys: ['shift-x'], help: 'Sort by next run', group: 'Table' },

  { scope: 'runs', action: 'logs', keys: ['l'], help: 'Logs', group: 'Resource', hint: true },
  { scope: 'runs', action: 'previousLogs', keys: ['p'], help: 'Logs of the attempt before', group: 'Resource' },
  { scope: 'runs', action: 'retry', keys: ['r'], help: 'Retry', group: 'Resource', writes: 'retry', hint: true },
  {
    scope: 'runs',
    action: 'cancel',
    keys: ['ctrl-k'],
    help: 'Cancel',
    group: 'Resource',
    writes: 'cancel',
    hint: true,
  },
  { scope: 'runs', action: 'owner', keys: ['shift-j'], help: 'To its task', group: 'Resource', hint: true },

  {
    scope: 'agents',
    action: 'cordon',
    keys: ['u'],
    help: 'Cordon/uncordon',
    group: 'Resource',
    writes: 'cordon',
    hint: true,
  },
  { scope: 'agents', action: 'drain', keys: ['r'], help: 'Drain', group: 'Resource', writes: 'drain', hint: true },

  {
    scope: 'revisions',
    action: 'undo',
    keys: ['u'],
    help: 'Undo: back to it',
    group: 'Resource',
    writes: 'undo',
    hint: true,
  },

  { scope: 'table', action: 'open', keys: ['enter'], help: 'Open', group: 'Resource', hint: true },
  { scope: 'table', action: 'describe', keys: ['d'], help: 'Describe', group: 'Resource', verb: 'get', hint: true },
  { scope: 'table', action: 'yaml', keys: ['y'], help: 'YAML', group: 'Resource', verb: 'get', hint: true },
  {
    scope: 'table',
    action: 'edit',
    keys: ['e'],
    help: 'Edit',
    group: 'Resource',
    writes: 'patch',
    verb: 'update',
    hint: true,
  },
  {
    scope: 'table',
    action: 'delete',
    keys: ['ctrl-d'],
    help: 'Delete',
    group: 'Resource',
    writes: 'delete',
    verb: 'delete',
    hint: true,
  },
  { scope: 'table', action: 'copyName', keys: ['c'], help: 'Copy the name', group: 'Resource' },
  { scope: 'table', action: 'copyNamespace', keys: ['n'], help: 'Copy the namespace', group: 'Resource' },

  { scope: 'table', action: 'save', keys: ['ctrl-s'], help: 'Save as CSV', group: 'Resource' },

  { scope: 'table', action: 'allNamespaces', keys: ['0'], help: 'All namespaces', group: 'Table' },
  { scope: 'table', action: 'favourite', keys: DIGITS, help: 'Namespace 1 to 9', group: 'Table' },
  { scope: 'table', action: 'mark', keys: ['space'], help: 'Mark', group: 'Table' },
  { scope: 'table', action: 'markRange', keys: ['ctrl-space'], help: 'Mark up to here', group: 'Table' },
  { scope: 'table', action: 'clearMarks', keys: ['ctrl-\\'], help: 'Clear marks', group: 'Table' },
  { scope: 'table', action: 'faults', keys: ['ctrl-z'], help: 'Faults only', group: 'Table' },
  { scope: 'table', action: 'wide', keys: ['ctrl-w'], help: 'More columns', group: 'Table' },
  { scope: 'table', action: 'sortName', keys: ['shift-n'], help: 'Sort by name', group: 'Table' },
  { scope: 'table', action: 'sortAge', keys: ['shift-a'], help: 'Sort by age', group: 'Table' },
  { scope: 'table', action: 'sortStatus', keys: ['shift-s'], help: 'Sort by status', group: 'Table' },
  { scope: 'table', action: 'sortNamespace', keys: ['shift-p'], help: 'Sort by namespace', group: 'Table' },
  { scope: 'table', action: 'sortColumnLeft', keys: ['shift-left'], help: 'Sort column left', group: 'Table' },
  {
    scope: 'table',
    action: 'sortColumnRight',
    keys: ['shift-right'],
    help: 'Sort column right',
    group: 'Table',
  },
  { scope: 'table', action: 'sortReverse', keys: ['shift-o'], help: 'Reverse the order', group: 'Table' },
  { scope: 'table', action: 'columnsRight', keys: ['right'], help: 'Columns right', group: 'Navigation' },
  { scope: 'table', action: 'columnsLeft', keys: ['left'], help: 'Columns left', group: 'Navigation' },

  {
    scope: 'logs',
    action: 'preset',
    keys: ['0', '1', '2', '3', '4', '5', '6'],
    help: 'Last, first, 1m…1h',
    group: 'Text',
    hint: true,
  },
  { scope: 'logs', action: 'autoscroll', keys: ['s'], help: 'Autoscroll', group: 'Text', hint: true },
  { scope: 'logs', action: 'timestamps', keys: ['t'], help: 'Timestamps', group: 'Text', hint: true },
  { scope: 'logs', action: 'stdout', keys: ['o'], help: 'Standard output', group: 'Text', hint: true },
  { scope: 'logs', action: 'stderr', keys: ['e'], help: 'Standard error', group: 'Text', hint: true },
  { scope: 'logs', action: 'matchesOnly', keys: ['a'], help: 'Matches only', group: 'Text', hint: true },
  { scope: 'logs', action: 'searchAll', keys: ['shift-s'], help: 'Search the whole log', group: 'Text', hint: true },
  { scope: 'logs', action: 'mark', keys: ['m'], help: 'Mark this moment', group: 'Text' },
  { scope: 'logs', action: 'clear', keys: ['shift-c'], help: 'Clear', group: 'Text' },
  { scope: 'search', action: 'open', keys: ['enter'], help: 'Log from this line', group: 'Text', hint: true },
  { scope: 'search', action: 'next', keys: ['n'], help: 'Next line found', group: 'Navigation', hint: true },
  {
    scope: 'search',
    action: 'previous',
    keys: ['shift-n'],
    help: 'Line found before',
    group: 'Navigation',
    hint: true,
  },
  { scope: 'yaml', action: 'managedFields', keys: ['m'], help: 'Managed fields', group: 'Text', hint: true },
  { scope: 'text', action: 'wrap', keys: ['w'], help: 'Wrap', group: 'Text', hint: true },
  { scope: 'text', action: 'fullscreen', keys: ['f'], help: 'Full screen', group: 'Text', hint: true },
  { scope: 'text', action: 'nextMatch', keys: ['n'], help: 'Next match', group: 'Text', hint: true },
  { scope: 'text', action: 'previousMatch', keys: ['shift-n'], help: 'Match before', group: 'Text' },
  { scope: 'text', action: 'copy', keys: ['c'], help: 'Copy the text', group: 'Text', hint: true },
  { scope: 'text', action: 'save', keys: ['ctrl-s'], help: 'Save to a file', group: 'Text' },
  { scope: 'text', action: 'left', keys: ['left'], help: 'To the left', group: 'Navigation' },
  { scope: 'text', action: 'right', keys: ['right'], help: 'To the right', group: 'Navigation' },

  { scope: 'pulses', action: 'open', keys: ['enter'], help: 'Open its table', group: 'Resource', hint: true },
  { scope: 'pulses', action: 'next', keys: ['tab'], help: 'Next card', group: 'Navigation', hint: true },
  { scope: 'pulses', action: 'previous', keys: ['shift-tab'], help: 'Card before', group: 'Navigation' },
  { scope: 'pulses', action: 'left', keys: ['h', 'left'], help: 'To the left', group: 'Navigation' },
  { scope: 'pulses', action: 'right', keys: ['l', 'right'], help: 'To the right', group: 'Navigation' },
  { scope: 'pulses', action: 'up', keys: ['k', 'up'], help: 'Up', group: 'Navigation' },
  { scope: 'pulses', action: 'down', keys: ['j', 'down'], help: 'Down', group: 'Navigation' },

  { scope: 'xray', action: 'toggle', keys: ['enter', 'space'], help: 'Open or close', group: 'Resource', hint: true },
  { scope: 'xray', action: 'open', keys: ['right'], help: 'Open, or down', group: 'Navigation' },
  { scope: 'xray', action: 'shut', keys: ['left'], help: 'Close, or up', group: 'Navigation' },
  { scope: 'xray', action: 'toggleAll', keys: ['shift-x'], help: 'Open or close all', group: 'Resource', hint: true },
  { scope: 'xray', action: 'next', keys: ['x'], help: 'Next runs of a task', group: 'Resource' },

  { scope: 'timeline', action: 'open', keys: ['enter'], help: 'Its runs', group: 'Resource', hint: true },
  { scope: 'timeline', action: 'zoomIn', keys: ['z'], help: 'Shorter time', group: 'Resource', hint: true },
  { scope: 'timeline', action: 'zoomOut', keys: ['shift-z'], help: 'Longer time', group: 'Resource', hint: true },
  { scope: 'timeline', action: 'next', keys: ['x'], help: 'Next runs', group: 'Resource', hint: true },

  { scope: 'next', action: 'open', keys: ['enter'], help: 'Its runs', group: 'Resource', hint: true },

  { scope: 'ofTask', action: 'trigger', keys: ['t'], help: 'Trigger', group: 'Resource', writes: 'run', hint: true },
  { scope: 'ofTask', action: 'logs', keys: ['l'], help: 'Logs', group: 'Resource', hint: true },
  {
    scope: 'ofTask',
    action: 'suspend',
    keys: ['s'],
    help: 'Suspend/resume',
    group: 'Resource',
    writes: 'suspend',
    hint: true,
  },
  { scope: 'ofTask', action: 'why', keys: ['w'], help: 'Why not', group: 'Resource', hint: true },
  { scope: 'ofTask', action: 'history', keys: ['h'], help: 'Revisions', group: 'Resource' },
  { scope: 'ofRun', action: 'logs', keys: ['l'], help: 'Logs', group: 'Resource', hint: true },
  { scope: 'object', action: 'describe', keys: ['d'], help: 'Describe', group: 'Resource', hint: true },
  { scope: 'object', action: 'yaml', keys: ['y'], help: 'YAML', group: 'Resource', hint: true },

  { scope: 'doctor', action: 'open', keys: ['enter'], help: 'To the task', group: 'Resource', hint: true },

  { scope: 'list', action: 'down', keys: ['j', 'down'], help: 'Down', group: 'Navigation' },
  { scope: 'list', action: 'up', keys: ['k', 'up'], help: 'Up', group: 'Navigation' },
  { scope: 'list', action: 'pageDown', keys: ['ctrl-f', 'pagedown'], help: 'Page down', group: 'Navigation' },
  { scope: 'list', action: 'pageUp', keys: ['ctrl-b', 'pageup'], help: 'Page up', group: 'Navigation' },
  { scope: 'list', action: 'top', keys: ['g', 'home'], help: 'To the top', group: 'Navigation' },
  { scope: 'list', action: 'bottom', keys: ['shift-g', 'end'], help: 'To the bottom', group: 'Navigation' },

  { scope: 'global', action: 'help', keys: ['?'], help: 'Help', group: 'General', hint: true },
  { scope: 'global', action: 'command', keys: [':'], help: 'Command', group: 'General', hint: true },
  { scope: 'global', action: 'filter', keys: ['/'], help: 'Filter', group: 'General', hint: true },
  { scope: 'global', action: 'back', keys: ['esc'], help: 'Back', group: 'General', hint: true },
  { scope: 'global', action: 'historyBack', keys: ['['], help: 'View before', group: 'Navigation' },
  { scope: 'global', action: 'historyForward', keys: [']'], help: 'View after', group: 'Navigation' },
  { scope: 'global', action: 'lastView', keys: ['-'], help: 'Last view', group: 'Navigation' },
  { scope: 'global', action: 'refresh', keys: ['ctrl-r'], help: 'Read again', group: 'General' },
  { scope: 'global', action: 'toggleHeader', keys: ['ctrl-e'], help: 'Header', group: 'General' },
  { scope: 'global', action: 'toggleCrumbs', keys: ['ctrl-g'], help: 'Breadcrumbs', group: 'General' },
  { scope: 'global', action: 'quit', keys: ['q'], help: 'Back or quit', group: 'General' },
  { scope: 'global', action: 'exit', keys: ['ctrl-c'], help: 'Quit', group: 'General' },
] as const satisfies readonly KeyRow[];

/** The names of the handlers that a scope must have. */
export type ActionOf<S extends Scope> = Extract<(typeof keymap)[number], { scope: S }>['action'];

const rows: readonly KeyRow[] = keymap;

/** What the key does there; the first scope that knows it decides. */
export function findKey(scopes: readonly Scope[], key: string): KeyRow | undefined {
  for (const scope of scopes) {
    const found = rows.find((row) => row.scope === scope && row.keys.includes(key));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a key does on the table of another kind, so that who presses it here need not guess: `s` on runs is no shell (T-29). */
export function keyOfOtherTable(key: string): KeyRow | undefined {
  const tables: readonly Scope[] = ['tasks', 'runs', 'agents', 'revisions'];
  return rows.find(({ scope, keys }) => tables.includes(scope) && keys.includes(key));
}

/** Where keys are pressed. */
export interface KeyPlace {
  readonly scopes: readonly Scope[];
  /** Of the kind that is shown. */
  readonly verbs?: readonly string[];
  /** Whether the user may do it, as far as that is known; absent: yes. */
  readonly may?: (row: KeyRow) => boolean;
  /** What `/` does there, where it is no filter; nothing when empty. */
  readonly filterWord?: string;
}

export function isOffered({ verb }: KeyRow, verbs: readonly string[] = []): boolean {
  return verb === undefined || verbs.includes(verb);
}

/** What works there, without what an earlier scope hides. */
export function keysOf({ scopes, verbs, filterWord, may = () => true }: KeyPlace, readOnly: boolean): KeyRow[] {
  const shown = scopes.flatMap((scope) =>
    rows.filter((row) => {
      if (row.scope !== scope || (readOnly && row.writes) || !isOffered(row, verbs) || !may(row)) return false;
      return row.keys.some((key) => findKey(scopes, key) === row);
    }),
  );
  if (filterWord === undefined) return shown;
  return shown.flatMap((row) => (isFilter(row) ? (filterWord === '' ? [] : [{ ...row, help: filterWord }]) : [row]));
}

const isFilter = ({ scope, action }: KeyRow): boolean => scope === 'global' && action === 'filter';

/** `1-9` for many keys, else all of them: `j/down`. */
export function keyWords({ keys }: KeyRow, all = true): string {
  if (keys.length > 2) return `${keys[0]}-${keys.at(-1)}`;
  return all ? keys.join('/') : (keys[0] ?? '');
}

// What does not belong into a bundle that others read. Where a secret may stand by the schema, the whole value goes; everywhere else, what
// looks like one. Rather too much than too little: what is masked here is of no use to whoever reads the bundle.

export const MASK = '<masked>';

/** Names of variables, flags, fields and parameters whose values are none of others' business. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?(?![a-z])|pwd|secret|token|credential|keys?(?![a-z])|api[-_.]?key|private[-_.]?key|access[-_.]?key|auth(?:orization)?(?![a-z])|cookie|signature|bearer|jwt|dsn|webhook/i;
/** Long, of letters and digits: a key, or something that is as good as one. */
const LOOKS_RANDOM = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{24,}$/;
/** A program that takes a password as the rest of -p. */
const MYSQL = /(?:^|[\\/])(?:mysql|maria)[^\\/\s]*$/;
/** Shorter ones are words, and would mask half of the bundle. */
const REMEMBERED_MIN = 6;
const REMEMBERED_MAX = 10_000;

interface TextRule {
  readonly what: string;
  readonly pattern: RegExp;
  readonly by: string | ((...parts: string[]) => string);
}

const NAME = `[\\w.-]*(?:${SECRET_NAME.source})[\\w.-]*`;

const TEXT_RULES: readonly TextRule[] = [
  {
    what: 'private keys',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    by: MASK,
  },
  // Up to the last @ of the word: passwords hold what they like.
  { what: 'user and password in URLs', pattern: /\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, by: `$1${MASK}@` },
  // The word may stand in the host or in the path: what comes after its part of the path is the secret.
  {
    what: 'URLs of webhooks',
    pattern: /\b(https?:\/\/[^\s"']*?(?:hook|dingtalk|weixin)[^\s/"']*\/)[^\s"'<>]+/gi,
    by: `$1${MASK}`,
  },
  {
    what: 'signatures and keys in URLs',
    pattern: /([?&](?:sig|code|key|access_token|token)=)[^&\s"']+/gi,
    by: `$1${MASK}`,
  },
  { what: 'tokens of CloudTask', pattern: /\bct[a-z]?_[\w.-]{8,}/g, by: MASK },
  { what: 'authorization headers', pattern: /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, by: `$1 ${MASK}` },
  { what: 'credentials of curl', pattern: /(\s|^)(-u|--user)[\s=]+\S+:\S+/g, by: `$1$2 ${MASK}` },
  // Without a space: -p alone asks for it.
  {
    what: 'passwords of MySQL',
    pattern: /(\b(?:mysql|maria)\w*\b[^\n]*?\s-p)("[^"]*"|'[^']*'|[^\s"']+)/g,
    by: `$1${MASK}`,
  },
  {
    what: 'values with a telling name',
    pattern: new RegExp(`(${NAME}["']?\\s*(?:=|:)\\s*|--?${NAME}\\s+)("[^"]*"|'[^']*'|[^\\s&"',;]+)`, 'gi'),
    by: (_whole, name) => `${name}${MASK}`,
  },
];

/** One bundle: what it has masked, so that it is told, and masked wherever else it stands. */
export class Masking {
  /** How often, by what it was. */
  readonly counts = new Map<string, number>();
  private readonly remembered = new Set<string>();
  private pattern: RegExp | undefined;

  /** A value that nobody must find in the bundle, wherever it stands. */
  remember(value: string | undefined): void {
    const text = value?.trim() ?? '';
    if (text.length < REMEMBERED_MIN || /^(?:true|false|null|none|default)$/i.test(text)) return;
    if (this.remembered.size >= REMEMBERED_MAX) return;
    this.remembered.add(text);
    this.remembered.add(JSON.stringify(text).slice(1, -1)); // as it stands in JSON
    this.pattern = undefined;
  }

  /** What looks like a secret, in a text that people or programs have written. */
  text(text: string): string {
    let masked = text;
    for (const { what, pattern, by } of TEXT_RULES) {
      masked = masked.replace(pattern, (...parts) => {
        this.count(what);
        return typeof by === 'string' ? expand(by, parts as string[]) : by(...(parts as string[]));
      });
    }
    return masked;
  }

  /** What was masked anywhere must not be read elsewhere: the last thing that is done to a file. */
  again(text: string): string {
    if (this.remembered.size === 0) return text;
    this.pattern ??= new RegExp(
      [...this.remembered]
        .sort((a, b) => b.length - a.length)
        .map(escaped)
        .join('|'),
      'g',
    );
    return text.replace(this.pattern, () => {
      this.count('values that were masked elsewhere');
      return MASK;
    });
  }

  /** An object of any kind, changed in no other way. */
  object(object: object): object {
    const { kind } = object as { kind?: string };
    return this.value(object, [kind ?? '']) as object;
  }

  private value(value: unknown, path: readonly string[]): unknown {
    if (typeof value === 'string') return this.string(value, path);
    if (Array.isArray(value)) return this.list(value, path);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => key !== 'managedFields');
    const named = (value as { name?: unknown }).name;
    return Object.fromEntries(
      entries.map(([key, each]) => {
        const own = [...path, key];
        const telling = typeof named === 'string' && SECRET_NAME.test(named);
        // {name: PASSWORD, value: …}, of an environment or of whatever else looks like one.
        if (telling && (key === 'value' || key === 'default' || key === 'values'))
          return [key, this.whole(each, 'values with a telling name', true)];
        if (typeof each === 'string' && isTelling(key, each))
          return [key, this.whole(each, 'values with a telling name', true)];
        const rule = wholeRule(own);
        return [key, rule === undefined ? this.value(each, own) : this.whole(each, rule.what, rule.remember)];
      }),
    );
  }

  private string(value: string, path: readonly string[]): string {
    const key = path.at(-1) ?? '';
    if (key === 'value' && LOOKS_RANDOM.test(value) && !value.startsWith('/')) {
      return this.whole(value, 'values that look like keys', true) as string;
    }
    return this.text(value);
  }

  /** Words of a command: what follows a flag with a telling name goes, too, and the password that is in the flag itself. */
  private list(list: readonly unknown[], path: readonly string[]): unknown[] {
    const mysql = list.findIndex((each) => typeof each === 'string' && MYSQL.test(each));
    return list.map((each, index) => {
      if (mysql >= 0 && index > mysql && typeof each === 'string' && /^-p./s.test(each)) {
        return `-p${this.whole(each.slice(2), 'passwords of MySQL', true)}`;
      }
      const before = list[index - 1];
      const flag = typeof before === 'string' && /^--?[A-Za-z]/.test(before) && !before.includes('=') ? before : '';
      const follows = SECRET_NAME.test(flag) || (/^(-u|--user)$/.test(flag) && String(each).includes(':'));
      if (typeof each === 'string' && follows) return this.whole(each, 'values with a telling name', true);
      return this.value(each, path);
    });
  }

  /** The value, and all that is in it. Names of keys stay. */
  private whole(value: unknown, what: string, remember: boolean): unknown {
    if (Array.isArray(value)) return value.map((each) => this.whole(each, what, remember));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.whole(each, what, remember)]));
    }
    if (value === undefined || value === null || value === '') return value;
    this.count(what);
    if (remember) this.remember(String(value));
    return MASK;
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** Fields whose name says it, unless they only name something: `secret: ledger-db` is a Secret, `key: url` a key in it or of a label, and
 * `tokenName` is in the clear. */
function isTelling(key: string, value: string): boolean {
  if (!/pass(word|wd|phrase)|private[-_]?key|^token$|apiKey|[-_.]key$|credential$/i.test(key)) return false;
  return value !== '';
}

interface WholeRule {
  readonly what: string;
  /** Whether it is looked for in all that is in the bundle: what may be a common word is not. */
  readonly remember: boolean;
}

/** What of a Notifier is in the clear: by any other field of a later version a secret may get in. */
const NOTIFIER_CLEAR = /^(?:description|host|tls|from|groupWait|type|format)$/;

/** Fields whose values go as a whole, whatever they look like. `path` begins with the kind. */
function wholeRule(path: readonly string[]): WholeRule | undefined {
  const [kind, part, field, inner] = path;
  const key = path.at(-1)!;
  if (kind === 'Secret' && part === 'spec' && (field === 'data' || field === 'stringData')) {
    return { what: 'values of secrets', remember: true };
  }
  if (kind === 'Notifier' && part === 'spec' && field !== undefined && field !== 'quiet') {
    const leafOnly = field === 'email' || field === 'webhook' ? inner !== undefined : true;
    if (leafOnly && !NOTIFIER_CLEAR.test(key) && !path.some((step) => step.endsWith('From'))) {
      return { what: 'addresses and credentials of notifiers', remember: /url|header|token|key|password/i.test(key) };
    }
  }
  if (kind === 'User' && (key === 'email' || key === 'displayName'))
    return { what: 'names and addresses of people', remember: false };
  if (key === 'to' && path.includes('notify')) return { what: 'names and addresses of people', remember: false };
  if (path.includes('parameters') && /^(value|values|default)$/.test(key))
    return { what: 'values of parameters', remember: false };
  if (path.includes('run') && (key === 'script' || key === 'stdin'))
    return { what: 'scripts and standard input', remember: false };
  return undefined;
}

function expand(by: string, parts: readonly string[]): string {
  return by.replace(/\$(\d)/g, (_whole, digit: string) => parts[Number(digit)] ?? '');
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

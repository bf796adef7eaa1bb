import { type AnyObject, type Notifier, notifyEntries } from '../../manifests/index.js';
import type { Store } from '../store/index.js';

/** Notifiers that are looked up for one batch: a warning is a help, not a check. */
const LOOKUPS_MAX = 200;

/** What their robots and webhooks trust is the URL. */
const BY_URL: readonly string[] = ['Slack', 'Teams', 'DingTalk', 'WeCom'];

/** Sentences about notifiers that the objects among these stored ones name and that are not there, about secrets that
 * notifiers need, and about addresses for what sends no mail. */
export async function notifyWarnings(store: Pick<Store, 'get'>, objects: readonly AnyObject[]): Promise<string[]> {
  const known = new Map<string, Found>();
  let left = LOOKUPS_MAX;
  const find = async (kind: 'Notifier' | 'Secret', namespace: string, name: string): Promise<Found> => {
    const id = `${kind}/${namespace}/${name}`;
    if (!known.has(id)) {
      if (left === 0) return 'there';
      left -= 1;
      known.set(id, foundAs(await store.get<AnyObject>({ kind, namespace, name })));
    }
    return known.get(id)!;
  };
  for (const object of objects) {
    const { kind, metadata } = object;
    if (kind === 'Notifier' || kind === 'Secret') {
      known.set(`${kind}/${metadata.namespace}/${metadata.name}`, foundAs(object));
    }
  }
  const warnings: string[] = [];
  for (const object of objects) {
    const { namespace, name } = object.metadata;
    const subject = `${object.kind.toLowerCase()} ${namespace === undefined ? name : `${namespace}/${name}`}`;
    for (const { notifier, field, home, to } of notifyEntries(object)) {
      const found = await find('Notifier', home, notifier);
      if (found === 'webhook' && to !== undefined) {
        warnings.push(`${subject}: ${to}: notifier "${notifier}" is a webhook; nobody at these addresses is told`);
      }
      if (found !== 'absent') continue;
      warnings.push(
        `${subject}: ${field}: notifier "${notifier}" does not exist in ${home}; nobody is told until it does`,
      );
    }
    if (object.kind !== 'Notifier') continue;
    const { url, format } = object.spec.webhook ?? {};
    if (url !== undefined && format !== undefined && BY_URL.includes(format)) {
      warnings.push(
        `${subject}: spec.webhook.url: with ${format} whoever can read the URL can send; urlFrom keeps it in a Secret`,
      );
    }
    for (const [field, { secret }] of secretsOf(object)) {
      if ((await find('Secret', namespace ?? '', secret)) !== 'absent') continue;
      warnings.push(`${subject}: ${field}: secret "${secret}" does not exist; nothing is sent until it does`);
    }
  }
  return warnings;
}

type Found = 'there' | 'webhook' | 'absent';

function foundAs(object: AnyObject | undefined): Found {
  if (object === undefined) return 'absent';
  return object.kind === 'Notifier' && object.spec.webhook !== undefined ? 'webhook' : 'there';
}

function secretsOf({ spec }: Notifier): (readonly [string, { readonly secret: string; readonly key: string }])[] {
  const { passwordFrom } = spec.email ?? {};
  const { secretFrom, urlFrom } = spec.webhook ?? {};
  return [
    ...(passwordFrom === undefined ? [] : [['spec.email.passwordFrom', passwordFrom] as const]),
    ...(urlFrom === undefined ? [] : [['spec.webhook.urlFrom', urlFrom] as const]),
    ...(secretFrom === undefined ? [] : [['spec.webhook.secretFrom', secretFrom] as const]),
  ];
}

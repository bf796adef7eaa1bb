// Who is told of what: entries of a list, each with its notifier and whether that works.
import { Link } from 'wouter';
import type { NotifyRule } from '../actions/notify-actions.js';
import type { NotifierObject } from '../api/objects.js';
import { useListed } from '../state/use-listed.js';
import type { Live } from '../state/use-live.js';
import { notifierState, recipientWords, ruleFacts, wayWords } from '../text/notifiers.js';
import { StateBadge } from './state-badge.js';

interface NotifyRulesProps {
  readonly rules: readonly NotifyRule[];
  /** Namespace in which the notifiers are. */
  readonly home: string;
}

export function NotifyRules({ rules, home }: NotifyRulesProps) {
  const notifiers = useListed('notifiers', { namespace: home });
  return (
    <ul className="rules">
      {rules.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two entries may name the same notifier
        <li key={index}>
          <Rule rule={rule} home={home} notifiers={notifiers} />
        </li>
      ))}
    </ul>
  );
}

interface RuleProps {
  readonly rule: NotifyRule;
  readonly home: string;
  readonly notifiers: Live<NotifierObject>;
}

function Rule({ rule, home, notifiers }: RuleProps) {
  const notifier = notifiers.items.find(({ metadata }) => metadata.name === rule.notifier);
  const to = rule.to?.join(', ') ?? (notifier === undefined ? '' : recipientWords(notifier));
  return (
    <>
      <p className="rule-head">
        {notifier === undefined ? (
          <strong>{rule.notifier}</strong>
        ) : (
          <Link className="main-link" href={`/notifiers/${home}/${rule.notifier}`}>
            {rule.notifier}
          </Link>
        )}
        {notifier !== undefined && <StateBadge state={notifierState(notifier)} />}
        {notifier === undefined && notifiers.phase === 'live' && (
          <span className="state bad">does not exist in {home}: nobody is told</span>
        )}
      </p>
      <p className="tags">
        {(rule.on ?? []).map((event) => (
          <span key={event} className="tag">
            {event}
          </span>
        ))}
      </p>
      <p className="muted">
        {[notifier === undefined ? '' : wayWords(notifier), to].filter(Boolean).join(' to ')}
        {rule.to !== undefined && ' (instead of the recipients of the notifier)'}
      </p>
      {ruleFacts(rule).map(([name, value]) => (
        <p key={name} className="muted">
          {name}: {value}
        </p>
      ))}
    </>
  );
}

// Who is told of what, as a form: the entries of a list, with what their schema offers.
import { useState } from 'react';
import { Link } from 'wouter';
import { findField } from '../../../manifests/index.js';
import {
  homeOf,
  type NotifyList,
  type NotifyRule,
  notifyCommand,
  rulesOf,
  saveRules,
  type Telling,
  toldWords,
} from '../actions/notify-actions.js';
import { SelectField } from '../parts/fields.js';
import { FormDialog, type ProblemAt } from '../parts/form-dialog.js';
import { LiveNote } from '../parts/notes.js';
import { useToast } from '../parts/toasts.js';
import { useListed } from '../state/use-listed.js';
import { SchemaFields } from './schema-fields.js';

interface NotifyFormProps {
  readonly object: Telling;
  readonly list: NotifyList;
  readonly onClose: () => void;
}

type Mode = 'inherited' | 'own' | 'nobody';

type Choices = readonly (readonly [Mode, string])[];

const MODES: Readonly<Record<Telling['kind'], Choices>> = {
  Task: [
    ['inherited', 'Whom the namespace names, or else the cluster'],
    ['own', 'These'],
    ['nobody', 'Nobody'],
  ],
  Namespace: [
    ['own', 'These, unless a task says otherwise'],
    ['inherited', 'Whom the cluster names, unless a task says otherwise'],
    ['nobody', 'Nobody, unless a task says otherwise'],
  ],
  Cluster: [
    ['own', 'These'],
    ['inherited', 'Nobody'],
  ],
};
const RUNS_MODES: Choices = [
  ['own', 'These, unless a task or its namespace says otherwise'],
  ['inherited', 'Nobody, unless a task or its namespace says otherwise'],
];

export function NotifyForm(props: NotifyFormProps) {
  const { list, onClose } = props;
  // As it was at first: what somebody else writes meanwhile must be noticed, not overwritten.
  const [object] = useState(props.object);
  const { kind } = object;
  const about = toldWords(object, list);
  const begun = rulesOf(object, list);
  const home = homeOf(object);
  const notifiers = useListed('notifiers', { namespace: home });
  const names = notifiers.items.map((one) => one.metadata.name).sort();
  const [mode, setMode] = useState<Mode>(begun === undefined ? 'inherited' : begun.length === 0 ? 'nobody' : 'own');
  const [chosen, setRules] = useState<readonly NotifyRule[]>(begun ?? []);
  // An entry may have been added before the names were known.
  const rules = chosen.map((rule) => (rule.notifier === '' ? { ...rule, notifier: names[0] ?? '' } : rule));
  const tell = useToast();
  const wanted = mode === 'inherited' ? undefined : mode === 'nobody' ? [] : rules;
  const command = notifyCommand(object, wanted, list);
  const modes = list === 'notify' ? MODES[kind] : RUNS_MODES;
  const shown = modes.some(([one]) => one === mode) ? mode : 'inherited';

  const add = () => setRules([...rules, firstRule(kind, list, names[0] ?? '')]);
  const choose = (next: string) => {
    setMode(next as Mode);
    if (next === 'own' && rules.length === 0) add();
  };
  async function send(): Promise<void> {
    await saveRules(object, wanted, list);
    tell({ text: `Who is told of ${about} is saved`, tone: 'good', command });
    onClose();
  }

  return (
    <FormDialog
      title={`Who is told of ${about}`}
      submit="Save"
      command={command}
      incomplete={wanted?.some(unfinished) === true || (shown === 'own' && rules.length === 0)}
      send={send}
      onClose={onClose}
    >
      {(problemAt) => (
        <>
          <SelectField label="Told are" value={shown} onChange={choose} options={modes} />
          {shown === 'own' &&
            rules.map((rule, index) => (
              <RuleFields
                // biome-ignore lint/suspicious/noArrayIndexKey: two entries may name the same notifier
                key={index}
                rule={rule}
                {...{ kind, list, index, names, problemAt }}
                onChange={(next) => setRules(rules.map((one, at) => (at === index ? next : one)))}
                onRemove={() => setRules(rules.filter((_, at) => at !== index))}
              />
            ))}
          {shown === 'own' && (
            <div>
              <button type="button" className="button" onClick={add}>
                Add another
              </button>
            </div>
          )}
          {shown === 'own' && <LiveNote live={{ ...notifiers, cut: false }} what="notifiers" />}
          {shown === 'own' && notifiers.phase === 'live' && names.length === 0 && (
            <p className="note warn">
              There is no notifier in {home} yet. <Link href={`/new-notifier?namespace=${home}`}>Make one</Link>
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}

/** An entry about no event is one that the center would take for the usual events, or refuse. */
const unfinished = ({ notifier, on }: NotifyRule): boolean => notifier === '' || on?.length === 0;

/** What an entry may say, as the schema of the kind has it. */
function entryOf(kind: Telling['kind'], list: NotifyList) {
  const found = findField(kind, ['spec', list]);
  return 'field' in found ? found.field.fields : [];
}

function firstRule(kind: Telling['kind'], list: NotifyList, notifier: string): NotifyRule {
  const on = entryOf(kind, list).find(({ name }) => name === 'on')?.default;
  return { notifier, ...(Array.isArray(on) ? { on: on.map(String) } : {}) };
}

interface RuleFieldsProps {
  readonly kind: Telling['kind'];
  readonly list: NotifyList;
  readonly index: number;
  readonly rule: NotifyRule;
  readonly names: readonly string[];
  readonly problemAt: ProblemAt;
  readonly onChange: (rule: NotifyRule) => void;
  readonly onRemove: () => void;
}

function RuleFields({ kind, list, index, rule, names, problemAt, onChange, onRemove }: RuleFieldsProps) {
  const path = `spec.${list}[${index}]`;
  const fields = entryOf(kind, list);
  const set = (name: string, value: unknown) => {
    const { [name as keyof NotifyRule]: _, ...others } = rule;
    onChange((value === undefined ? others : { ...rule, [name]: value }) as NotifyRule);
  };
  const of = (...wanted: string[]) => fields.filter(({ name }) => wanted.includes(name));
  const rest = fields.filter(({ name }) => name !== 'notifier' && name !== 'on');
  // As it was at first: it must not close on somebody who empties a field.
  const [given] = useState(() => rest.some(({ name }) => rule[name as keyof NotifyRule] !== undefined));
  const known = names.includes(rule.notifier) || rule.notifier === '' ? names : [rule.notifier, ...names];
  return (
    <div className="rule-fields">
      <div className="rule-first">
        <SelectField
          label="Notifier"
          value={rule.notifier}
          onChange={(notifier) => set('notifier', notifier)}
          options={known}
          problem={problemAt(`${path}.notifier`)}
        />
        <button type="button" className="button" onClick={onRemove} aria-label={`Take away ${rule.notifier}`}>
          Take away
        </button>
      </div>
      <SchemaFields fields={of('on')} values={{ ...rule }} onChange={set} path={path} problemAt={problemAt} />
      <details open={given}>
        <summary>More</summary>
        <div className="form">
          <SchemaFields fields={rest} values={{ ...rule }} onChange={set} path={path} problemAt={problemAt} />
        </div>
      </details>
    </div>
  );
}

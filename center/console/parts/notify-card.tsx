// The part of a page that says who is told of an object, and the way to change it.
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { homeOf, type NotifyList, rightToTell, rulesOf, type Telling, toldWords } from '../actions/notify-actions.js';
import { useRights } from '../state/use-rights.js';
import { NotifyRules } from './notify-rules.js';
import { PermittedButton } from './permitted-button.js';

const NotifyForm = lazy(() => import('../forms/notify-form.js').then((module) => ({ default: module.NotifyForm })));

interface NotifyCardProps {
  readonly title: string;
  readonly object: Telling;
  readonly list?: NotifyList;
  /** Where nothing is said, or nobody is told. */
  readonly otherwise: ReactNode;
  readonly children?: ReactNode;
}

export function NotifyCard({ title, object, list = 'notify', otherwise, children }: NotifyCardProps) {
  const rules = rulesOf(object, list) ?? [];
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        <ChangeNotify object={object} list={list} />
      </header>
      {rules.length === 0 ? otherwise : <NotifyRules rules={rules} home={homeOf(object)} />}
      {children}
    </section>
  );
}

interface ChangeNotifyProps {
  readonly object: Telling;
  readonly list?: NotifyList;
  readonly children?: string;
}

export function ChangeNotify({ object, list = 'notify', children = 'Change' }: ChangeNotifyProps) {
  const [changing, setChanging] = useState(false);
  const may = useRights();
  return (
    <>
      <PermittedButton
        permission={may(rightToTell(object))}
        label={children === 'Change' ? `Change who is told of ${toldWords(object, list)}` : undefined}
        onPress={() => setChanging(true)}
      >
        {children}
      </PermittedButton>
      {changing && (
        <Suspense>
          <NotifyForm object={object} list={list} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}

// The part of a page that says who is told of an object, and the way to change it.
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { homeOf, rightToTell, rulesOf, type Telling } from '../actions/notify-actions.js';
import { useRights } from '../state/use-rights.js';
import { NotifyRules } from './notify-rules.js';
import { PermittedButton } from './permitted-button.js';

const NotifyForm = lazy(() => import('../forms/notify-form.js').then((module) => ({ default: module.NotifyForm })));

interface NotifyCardProps {
  readonly title: string;
  readonly object: Telling;
  /** Where nothing is said, or nobody is told. */
  readonly otherwise: ReactNode;
  readonly children?: ReactNode;
}

export function NotifyCard({ title, object, otherwise, children }: NotifyCardProps) {
  const rules = rulesOf(object) ?? [];
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        <ChangeNotify object={object} />
      </header>
      {rules.length === 0 ? otherwise : <NotifyRules rules={rules} home={homeOf(object)} />}
      {children}
    </section>
  );
}

interface ChangeNotifyProps {
  readonly object: Telling;
  readonly children?: string;
}

export function ChangeNotify({ object, children = 'Change' }: ChangeNotifyProps) {
  const [changing, setChanging] = useState(false);
  const may = useRights();
  return (
    <>
      <PermittedButton
        permission={may(rightToTell(object))}
        label={children === 'Change' ? `Change who is told of ${object.metadata.name}` : undefined}
        onPress={() => setChanging(true)}
      >
        {children}
      </PermittedButton>
      {changing && (
        <Suspense>
          <NotifyForm object={object} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}

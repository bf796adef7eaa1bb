import type { ReactNode } from 'react';
import { useLive } from '../state/use-live.js';
import { EventList } from './event-list.js';
import { Empty, LiveNote, Loading } from './notes.js';

interface EventsOfProps {
  readonly kind: 'Task' | 'Notifier';
  readonly object: { readonly metadata: { readonly namespace: string; readonly name: string } };
  /** Words where nothing has happened. */
  readonly empty: string;
  readonly children?: ReactNode;
}

const EVENTS = 200;

/** What has happened to one object, for its page. */
export function EventsOf({ kind, object, empty, children }: EventsOfProps) {
  const { namespace, name } = object.metadata;
  const fieldSelector = `spec.regarding.kind=${kind},spec.regarding.name=${name}`;
  const events = useLive('events', { namespace, fieldSelector, limit: EVENTS });
  if (events.phase === 'loading') return <Loading />;
  return (
    <>
      <LiveNote live={events} what="events" />
      {events.items.length === 0 ? (
        <Empty live={events} title={empty}>
          {children}
        </Empty>
      ) : (
        <EventList events={events.items} ofPage />
      )}
    </>
  );
}

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { NotificationEntry, NotifierUse } from '../../../manifests/index.js';
import { pathOf, request } from '../api/request.js';
import { LISTED } from './use-listed.js';

interface Answer<T> {
  readonly items: readonly T[];
  readonly more?: boolean;
}

const EVERY_MS = 10_000;

function useAnswer<T>(path: string, news = '') {
  return useQuery({
    queryKey: [LISTED, path, news],
    placeholderData: keepPreviousData,
    queryFn: () => request<Answer<T>>(path),
    refetchInterval: EVERY_MS,
  });
}

/** The latest of a notifier or of a task, newest first. @param news when it is another one, they are asked for at once */
export function useNotifications(plural: 'notifiers' | 'tasks', namespace: string, name: string, news?: string) {
  return useAnswer<NotificationEntry>(pathOf(plural, namespace, name, 'notifications'), news);
}

/** What names a notifier in spec.notify. */
export function useUses(namespace: string, name: string) {
  return useAnswer<NotifierUse>(pathOf('notifiers', namespace, name, 'uses'));
}

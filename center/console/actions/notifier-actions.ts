import type { NotifierObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { latestTest, testNotifier } from '../state/notifier-tests.js';
import { type Action, rightOn } from './action.js';

const line = (words: string, { metadata }: NotifierObject) =>
  `ctask ${words} ${metadata.name} -n ${metadata.namespace}`;

export const sendTest: Action<NotifierObject> = {
  name: 'Send a test',
  verb: 'test',
  right: rightOn('notifiers', 'test'),
  possible: () => true,
  command: (notifier) => line('notifier test', notifier),
  done: (notifier) => {
    const outcome = latestTest(notifier);
    const but = outcome?.phase === 'sent' && outcome.words !== undefined ? `, but ${outcome.words}` : '';
    return `A test of ${notifier.metadata.name} was sent${but}`;
  },
  request: testNotifier,
};

export const deleteNotifier: Action<NotifierObject> = {
  name: 'Delete',
  verb: 'delete',
  right: rightOn('notifiers', 'delete'),
  danger: true,
  warning: ({ metadata }) =>
    `Whom ${metadata.name} tells hears nothing any more; what waits is given up after a day. Tasks, namespaces and clusters that name it stay as they are.`,
  possible: () => true,
  command: (notifier) => line('delete notifier', notifier),
  done: ({ metadata }) => `${metadata.name} is deleted`,
  request: ({ metadata }) => request(pathOf('notifiers', metadata.namespace, metadata.name), { method: 'DELETE' }),
};

export const notifierActions = [sendTest, deleteNotifier] as const;

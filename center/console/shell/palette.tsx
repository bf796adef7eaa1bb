// The command palette: pages, tasks by name, and what can be asked of the object on the page; found by typing.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { pause } from '../state/pause.js';
import { useRights } from '../state/use-rights.js';
import { useNamespace } from './namespace-scope.js';
import { usePresentActions } from './present-actions.js';

export interface PalettePlace {
  readonly path: string;
  readonly name: string;
}

interface PaletteProps {
  /** Those that the user may see. */
  readonly places: readonly PalettePlace[];
  readonly onHelp: () => void;
  readonly onClose: () => void;
}

interface Entry {
  readonly key: string;
  readonly group: 'On this page' | 'Go to' | 'Tasks';
  readonly name: string;
  /** Beside the name: a command line, a namespace, why not. */
  readonly beside?: string;
  readonly barred?: boolean;
  readonly choose: () => void;
}

/** Of more tasks than this one types more of the name. */
const TASKS_SHOWN = 12;
/** Of each word. One of several words may be of the namespace. */
const TASKS_READ = 200;
const WORDS_MAX = 4;
const TYPING_MS = 120;
const NONE: readonly TaskObject[] = [];

export function Palette({ places, onHelp, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [, navigate] = useLocation();
  const { namespace } = useNamespace();
  const { tasks, waiting, failed } = useTasks(text, namespace);
  const actions = usePresentActions();
  const may = useRights();
  const mayCreate = may({ verb: 'create', plural: 'tasks', namespace }).allowed;
  const mayTell = may({ verb: 'create', plural: 'notifiers', namespace }).allowed;
  const id = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const entries = useMemo((): readonly Entry[] => {
    const fits = (name: string) => wordsOf(text).every((word) => name.toLowerCase().includes(word));
    const goTo = (path: string) => () => navigate(path);
    const ofPage = actions.map(({ name, command, permission, start }): Entry => {
      const why = permission.allowed ? command : (permission.reason ?? '');
      return { key: name, group: 'On this page', name, beside: why, barred: !permission.allowed, choose: start };
    });
    const made = [
      ...(mayCreate ? [{ path: '/new', name: 'New task' }] : []),
      ...(mayTell ? [{ path: '/new-notifier', name: 'New notifier' }] : []),
    ];
    const pages = [...places, ...made].map(
      ({ path, name }): Entry => ({ key: path, group: 'Go to', name, choose: goTo(path) }),
    );
    const help: Entry = { key: 'help', group: 'Go to', name: 'Keys of the console', choose: onHelp };
    const found = tasks
      .filter(({ metadata }) => text !== '' && fits(`${metadata.namespace}/${metadata.name}`))
      .sort((a, b) => a.metadata.name.length - b.metadata.name.length || (a.metadata.name < b.metadata.name ? -1 : 1))
      .slice(0, TASKS_SHOWN)
      .map(({ metadata }): Entry => {
        const path = `/tasks/${metadata.namespace}/${metadata.name}`;
        return { key: path, group: 'Tasks', name: metadata.name, beside: metadata.namespace, choose: goTo(path) };
      });
    return [...[...ofPage, ...pages, help].filter(({ name }) => fits(name)), ...found];
  }, [text, actions, places, mayCreate, mayTell, tasks, navigate, onHelp]);
  const current = Math.min(at, entries.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whichever is chosen is brought into sight
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, entries]);

  const choose = (entry: Entry | undefined) => {
    if (entry === undefined || entry.barred) return;
    onClose();
    entry.choose();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((current + step + entries.length) % Math.max(1, entries.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(entries[current]);
    }
  };

  return (
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label="Commands"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <input
        className="palette-field"
        role="combobox"
        aria-label="Command, page or task"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={entries.length === 0 ? undefined : `${id}-${current}`}
        aria-autocomplete="list"
        placeholder="What do you want to do?"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Found" className="palette-list">
        {entries.map((entry, index) => (
          <div key={`${entry.group} ${entry.key}`} role="presentation">
            {entries[index - 1]?.group !== entry.group && (
              <p className="palette-group" aria-hidden>
                {entry.group}
              </p>
            )}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which says which one is meant */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              aria-disabled={entry.barred}
              className="palette-entry"
              onClick={() => choose(entry)}
            >
              <span>{entry.name}</span>
              <span className="muted">{entry.beside}</span>
            </div>
          </div>
        ))}
        {entries.length === 0 && (
          <p className="palette-group">
            {failed ? 'The center does not answer' : waiting ? 'Looking…' : 'Nothing is called so'}
          </p>
        )}
      </div>
    </dialog>
  );
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
}

interface FoundTasks {
  readonly tasks: readonly TaskObject[];
  readonly waiting: boolean;
  readonly failed: boolean;
}

/** Tasks whose names contain any of the words, as many as are worth a look; those of before until the center has answered. */
function useTasks(text: string, namespace: string | undefined): FoundTasks {
  const words = [...new Set(wordsOf(text))].slice(0, WORDS_MAX);
  const { data, error, isFetching } = useQuery({
    queryKey: ['palette', namespace, words],
    enabled: words.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      await pause(TYPING_MS, signal);
      // A name that many others contain is asked for besides.
      const found = words.flatMap((search) =>
        [{ search }, { fieldSelector: `metadata.name=${search}` }].map((query) =>
          request<{ items: TaskObject[] }>(pathOf('tasks', namespace), {
            query: { ...query, sortBy: 'metadata.name', limit: TASKS_READ },
            signal,
          }),
        ),
      );
      const tasks = (await Promise.all(found)).flatMap(({ items }) => items);
      return [...new Map(tasks.map((task) => [task.metadata.uid, task])).values()];
    },
  });
  return { tasks: data ?? NONE, waiting: isFetching, failed: error !== null };
}

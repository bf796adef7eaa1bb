// What the center would say to a manifest, asked a moment after the last key.
import { useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import type { TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { parseText, placeOf, type TextProblem } from '../text/yaml.js';

export interface Judgement {
  readonly phase: 'asking' | 'good' | 'bad';
  readonly problems: readonly TextProblem[];
  /** What it says of the manifest as a whole. */
  readonly message?: string;
  /** The manifest, as far as it could be read. */
  readonly object?: unknown;
  /** What the center would store, defaults and calendars included. */
  readonly stored?: TaskObject;
}

const TYPING_MS = 400;

/** Creates a task, or replaces the one that has the name; with `dryRun` the center only says what would come of it. */
export function sendTask(
  object: unknown,
  replace: boolean,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<TaskObject> {
  const { metadata } = object as { metadata?: { name?: unknown; namespace?: unknown } };
  const namespace = String(metadata?.namespace ?? 'default');
  return request(pathOf('tasks', namespace, replace ? String(metadata?.name ?? '') : undefined), {
    method: replace ? 'PUT' : 'POST',
    query: { fieldManager: 'ctask-console', ...(dryRun ? { dryRun: 'All' } : {}) },
    body: object,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** @param text YAML of one task; `undefined` asks nothing */
export function useDryRun(text: string | undefined, replace: boolean): Judgement {
  const [judgement, setJudgement] = useState<Judgement>({ phase: 'asking', problems: [] });
  useEffect(() => {
    if (text === undefined) return undefined;
    const parsed = parseText(text);
    if ('problems' in parsed) {
      setJudgement({ phase: 'bad', problems: parsed.problems, message: 'This is not YAML yet.' });
      return undefined;
    }
    const { object } = parsed;
    if (typeof object !== 'object' || object === null) {
      setJudgement({ phase: 'bad', problems: [], message: 'A task is declared by fields.' });
      return undefined;
    }
    setJudgement((before) => ({ ...before, phase: 'asking', object }));
    const ending = new AbortController();
    const timer = setTimeout(() => {
      sendTask(object, replace, true, ending.signal).then(
        (stored) => setJudgement({ phase: 'good', problems: [], object, stored }),
        (error: unknown) => {
          if (!ending.signal.aborted) setJudgement({ ...judgementOf(error, text), object });
        },
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [text, replace]);
  return judgement;
}

function judgementOf(error: unknown, text: string): Judgement {
  if (!(error instanceof ApiError)) throw error;
  const problems = error.causes.flatMap(({ field, message }) =>
    field === undefined ? [] : [{ ...placeOf(text, field), message: `${field}: ${message}` }],
  );
  return { phase: 'bad', problems, message: error.message };
}

// What the center would say to a manifest, asked a moment after the last key.
import { useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.js';
import type { Followed } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import { parseText, placeOf, type TextProblem } from '../text/yaml.js';

/** Kinds that are written as YAML. */
export type Written = 'tasks' | 'notifiers';

export interface Judgement<T = unknown> {
  readonly phase: 'asking' | 'good' | 'bad';
  readonly problems: readonly TextProblem[];
  /** What it says of the manifest as a whole. */
  readonly message?: string;
  /** The manifest, as far as it could be read. */
  readonly object?: unknown;
  /** What the center would store, defaults and calendars included. */
  readonly stored?: T;
}

const TYPING_MS = 400;

/** Creates an object, or replaces the one that has the name; with `dryRun` the center only says what would come of it. */
export function sendManifest<K extends Written>(
  plural: K,
  object: unknown,
  replace: boolean,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<Followed[K]> {
  const { metadata } = object as { metadata?: { name?: unknown; namespace?: unknown } };
  const namespace = String(metadata?.namespace ?? 'default');
  return request(pathOf(plural, namespace, replace ? String(metadata?.name ?? '') : undefined), {
    method: replace ? 'PUT' : 'POST',
    query: { fieldManager: 'ctask-console', ...(dryRun ? { dryRun: 'All' } : {}) },
    body: object,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** @param text YAML of one object; `undefined` asks nothing */
export function useDryRun<K extends Written>(
  plural: K,
  text: string | undefined,
  replace: boolean,
): Judgement<Followed[K]> {
  const [judgement, setJudgement] = useState<Judgement<Followed[K]>>({ phase: 'asking', problems: [] });
  useEffect(() => {
    if (text === undefined) return undefined;
    const parsed = parseText(text);
    if ('problems' in parsed) {
      setJudgement({ phase: 'bad', problems: parsed.problems, message: 'This is not YAML yet.' });
      return undefined;
    }
    const { object } = parsed;
    if (typeof object !== 'object' || object === null) {
      setJudgement({ phase: 'bad', problems: [], message: 'A manifest is made of fields.' });
      return undefined;
    }
    setJudgement((before) => ({ ...before, phase: 'asking', object }));
    const ending = new AbortController();
    const timer = setTimeout(() => {
      sendManifest(plural, object, replace, true, ending.signal).then(
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
  }, [plural, text, replace]);
  return judgement;
}

function judgementOf(error: unknown, text: string): Judgement<never> {
  if (!(error instanceof ApiError)) throw error;
  const problems = error.causes.flatMap(({ field, message }) =>
    field === undefined
      ? []
      : [{ ...placeOf(text, field), message: message.startsWith(`${field}: `) ? message : `${field}: ${message}` }],
  );
  return { phase: 'bad', problems, message: error.message };
}

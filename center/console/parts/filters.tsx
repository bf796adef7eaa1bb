// What narrows a list, kept in the address: a list can be sent to somebody as it is.
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';

/** A part of the address, and how to change it. */
export function useParameter(name: string): readonly [string, (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const value = parameters.get(name) ?? '';
  const set = (to: string) => {
    if (to === value) return; // whoever only looked in stays on the page
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (to === '') after.delete(name);
        else after.set(name, to);
        for (const page of ['page', 'after']) after.delete(page);
        return after;
      },
      { replace: true },
    );
  };
  return [value, set];
}

/** Somebody who types fast is not asked about each key; a question that a key has made old is taken back. */
const TYPING_MS = 100;

export function SearchField({ label }: { readonly label: string }) {
  const [value, set] = useParameter('q');
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the wait
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => set(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className="search">
      <Search aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input type="search" placeholder={label} value={text} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

/** What empties a list may be a filter that somebody else has put into the address: the way out of all of them. */
export function ClearFilters() {
  const [, setParameters] = useSearchParams();
  const clear = () =>
    setParameters(
      (before) => {
        const sort = before.get('sort');
        return new URLSearchParams(sort === null ? {} : { sort });
      },
      { replace: true },
    );
  return (
    <p>
      <button type="button" className="button" onClick={clear}>
        Clear the filters
      </button>
    </p>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  /** What it says when nothing is chosen. */
  readonly all: string;
  readonly options: readonly string[];
  /** What options are called that have another name here than in the address. */
  readonly words?: Readonly<Record<string, string>>;
}

export function Choice({ name, label, all, options, words = {} }: ChoiceProps) {
  const [value, set] = useParameter(name);
  const known = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <label className="choice">
      <span className="visually-hidden">{label}</span>
      <select value={value} onChange={(event) => set(event.target.value)}>
        <option value="">{all}</option>
        {known.map((option) => (
          <option key={option} value={option}>
            {words[option] ?? option}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TextFilterProps {
  readonly name: string;
  readonly label: string;
}

/** A text that goes to the center once it is typed to its end. */
export function TextFilter({ name, label }: TextFilterProps) {
  const [value, set] = useParameter(name);
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      className="label-field"
      onSubmit={(event) => {
        event.preventDefault();
        set(text.trim());
      }}
    >
      <label>
        <span className="visually-hidden">{label}</span>
        <input
          placeholder={label}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => set(text.trim())}
        />
      </label>
    </form>
  );
}

/** A selector as kubectl has them; it goes to the center once it is typed to its end. */
export function LabelField() {
  const [value, set] = useParameter('labels');
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      className="label-field"
      onSubmit={(event) => {
        event.preventDefault();
        set(text.trim());
      }}
    >
      <label>
        <span className="visually-hidden">Label selector</span>
        <input
          placeholder="Labels, e.g. team=fin"
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => set(text.trim())}
        />
      </label>
    </form>
  );
}

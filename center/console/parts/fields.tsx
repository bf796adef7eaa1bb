// Fields of forms: each with its label, a hint, and what the center has said is wrong with it.
import { X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
}

interface TextFieldProps extends FieldProps {
  readonly required?: boolean;
  readonly type?: 'text' | 'email' | 'password' | 'number' | 'datetime-local';
  readonly autoComplete?: string;
  /** What can be chosen, while anything may be typed. */
  readonly suggestions?: readonly string[];
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, required, type = 'text', autoComplete = 'off', suggestions } = props;
  const [id, list] = [useId(), useId()];
  return (
    <Frame id={id} {...props} label={label}>
      <input
        id={id}
        {...{ type, value, required, autoComplete }}
        spellCheck={false}
        autoCapitalize="none"
        list={suggestions === undefined ? undefined : list}
        {...described(id, props)}
        onChange={(event) => onChange(event.target.value)}
      />
      {suggestions !== undefined && (
        <datalist id={list}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </Frame>
  );
}

interface SelectFieldProps extends FieldProps {
  /** An option without a value is none. */
  readonly required?: boolean;
  /** Value and words, or both in one. */
  readonly options: readonly (string | readonly [value: string, words: string])[];
}

export function SelectField(props: SelectFieldProps) {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <select
        id={id}
        value={props.value}
        required={props.required}
        {...described(id, props)}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {props.options.map((option) => {
          const [value, words] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={value} value={value}>
              {words}
            </option>
          );
        })}
      </select>
    </Frame>
  );
}

interface ManyFieldProps extends Omit<FieldProps, 'value' | 'onChange'> {
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly suggestions: readonly string[];
}

/**
 * Several names: each is set down with Enter, and taken away by its button. What is being typed is one of `values` already: a form
 * that waited for Enter would have nothing to send while a name stands there.
 */
export function ManyField(props: ManyFieldProps) {
  const { label, values, onChange, suggestions } = props;
  const [id, list] = [useId(), useId()];
  const [text, setText] = useState('');
  /** The last of the values, as long as it is being typed. */
  const [typed, setTyped] = useState('');
  const set = typed !== '' && values.at(-1) === typed ? values.slice(0, -1) : values;
  const type = (words: string) => {
    const word = words.trim();
    const fresh = word !== '' && !set.includes(word);
    setText(words);
    setTyped(fresh ? word : '');
    onChange(fresh ? [...set, word] : set);
  };
  const setDown = () => {
    setText('');
    setTyped('');
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      setDown();
    } else if (event.key === 'Backspace' && text === '' && set.length > 0) onChange(set.slice(0, -1));
  };
  return (
    <Frame id={id} {...props} label={label}>
      <div className="many">
        {set.map((value) => (
          <span key={value} className="chip">
            {value}
            <button
              type="button"
              className="chip-button"
              aria-label={`Take ${value} away`}
              onClick={() => onChange(values.filter((one) => one !== value))}
            >
              <X aria-hidden />
            </button>
          </span>
        ))}
        <input
          id={id}
          list={list}
          value={text}
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="none"
          {...described(id, props)}
          onKeyDown={onKey}
          onBlur={setDown}
          onChange={(event) => {
            // What is chosen from the list is meant as a whole; what is typed may be the beginning of another.
            const { inputType } = event.nativeEvent as InputEvent;
            const chosen = inputType === undefined || inputType === 'insertReplacementText';
            type(event.target.value);
            if (chosen && suggestions.includes(event.target.value)) setDown();
          }}
        />
        <datalist id={list}>
          {suggestions
            .filter((one) => !set.includes(one))
            .map((one) => (
              <option key={one} value={one} />
            ))}
        </datalist>
      </div>
    </Frame>
  );
}

interface FrameProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly children: ReactNode;
}

function Frame({ id, label, hint, problem, children }: FrameProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && <small id={`${id}-hint`}>{withOptions(hint)}</small>}
      {problem !== undefined && (
        <small id={`${id}-problem`} className="problem">
          {problem}
        </small>
      )}
    </div>
  );
}

/** Options of commands in one piece: a line that ends in `--` would tell of another. */
function withOptions(hint: string): ReactNode {
  const parts = hint.split(/(--[a-z][-a-z]*)/);
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence have no other name
  return parts.map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>));
}

function described(id: string, { hint, problem }: Pick<FieldProps, 'hint' | 'problem'>) {
  const ids = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return {
    ...(ids === '' ? {} : { 'aria-describedby': ids }),
    ...(problem === undefined ? {} : { 'aria-invalid': true }),
  };
}

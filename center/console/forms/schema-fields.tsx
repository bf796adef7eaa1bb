// Fields for a part of a manifest, as its schema has them: what the schema learns, the form offers.
import type { FieldNode } from '../../../manifests/index.js';
import { ManyField, SelectField, TextField } from '../parts/fields.js';
import type { ProblemAt } from '../parts/form-dialog.js';
import { fieldWords } from '../text/notifiers.js';
import { ChoicesField } from './choices-field.js';

type Values = Readonly<Record<string, unknown>>;

interface SchemaFieldsProps {
  readonly fields: readonly FieldNode[];
  readonly values: Values;
  /** `undefined` takes the value away. */
  readonly onChange: (name: string, value: unknown) => void;
  /** Of the part in the manifest. */
  readonly path: string;
  readonly problemAt: ProblemAt;
}

/** What has a shape of its own is left to the YAML. */
export function SchemaFields({ fields, values, onChange, path, problemAt }: SchemaFieldsProps) {
  return fields.map((field) => (
    <SchemaField
      key={field.name}
      field={field}
      value={values[field.name]}
      onChange={(value) => onChange(field.name, value)}
      path={`${path}.${field.name}`}
      problemAt={problemAt}
    />
  ));
}

interface SchemaFieldProps {
  readonly field: FieldNode;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly path: string;
  readonly problemAt: ProblemAt;
}

function SchemaField({ field, value, onChange, path, problemAt }: SchemaFieldProps) {
  const { name, type, required, enum: choices } = field;
  const label = fieldWords(name);
  const shared = {
    label,
    hint: hintOf(label, choices.length > 0 ? { ...field, default: undefined } : field),
    problem: problemAt(path),
  };
  const usual = field.default === undefined ? undefined : String(field.default);
  if (type === 'Object') {
    const keys = field.fields.map((one) => one.name);
    if (!keys.includes('secret') || !keys.includes('key')) return null;
    return <SecretField {...shared} value={value as Values | undefined} onChange={onChange} />;
  }
  if (type === '[]string') {
    const values = Array.isArray(value) ? value.map(String) : [];
    if (choices.length === 0) {
      const change = (all: readonly string[]) => onChange(all.length === 0 ? undefined : all);
      return <ManyField {...shared} values={values} suggestions={[]} onChange={change} />;
    }
    // None is not the same as nothing said, in the place of which the center puts what is usual.
    const problem = shared.problem ?? (Array.isArray(value) && values.length === 0 ? 'Choose at least one' : undefined);
    return <ChoicesField label={label} choices={choices} values={values} problem={problem} onChange={onChange} />;
  }
  const text = value === undefined ? '' : String(value);
  const set = (typed: string) => onChange(typedValue(type, typed));
  const known = type === 'boolean' ? ['true', 'false'] : choices;
  if (known.length > 0) {
    const none = usual === undefined ? 'none' : `${usual} (unless given)`;
    const options = required ? known : [['', none] as const, ...known];
    return <SelectField {...shared} value={text} onChange={set} options={options} />;
  }
  if (type !== 'string' && type !== 'integer' && type !== 'number') return null;
  return (
    <TextField
      {...shared}
      value={text}
      onChange={set}
      required={required}
      type={type === 'string' ? 'text' : 'number'}
    />
  );
}

function typedValue(type: string, typed: string): unknown {
  if (typed === '') return undefined;
  if (type === 'boolean') return typed === 'true';
  return type === 'integer' || type === 'number' ? Number(typed) : typed;
}

/** Longer descriptions are cut after their first sentence; `ctask explain` has all of them. */
const HINT_MAX_CHARS = 150;

/** Nothing that the label says as well. */
function hintOf(label: string, { description, default: usual }: FieldNode): string | undefined {
  const text = description.length <= HINT_MAX_CHARS ? description : description.replace(/\. .*$/s, '');
  const words = text.replace(/\.$/, '');
  const facts = [words === label ? '' : words, usual === undefined ? '' : `${String(usual)} unless given`];
  return facts.filter(Boolean).join('; ') || undefined;
}

interface SecretFieldProps {
  readonly label: string;
  readonly hint: string | undefined;
  readonly problem: string | undefined;
  readonly value: Values | undefined;
  readonly onChange: (value: unknown) => void;
}

/** The value itself is never written into a manifest: only where it is. */
function SecretField({ label, hint, problem, value = {}, onChange }: SecretFieldProps) {
  const { secret = '', key = '' } = value as { secret?: string; key?: string };
  const set = (change: { secret?: string; key?: string }) => {
    const next = { secret, key, ...change };
    onChange(next.secret === '' && next.key === '' ? undefined : next);
  };
  return (
    <div className="pair">
      <TextField
        label={`${label}: secret`}
        value={secret}
        onChange={(text) => set({ secret: text })}
        hint={hint}
        problem={problem}
      />
      <TextField label={`${label}: key`} value={key} onChange={(text) => set({ key: text })} />
    </div>
  );
}

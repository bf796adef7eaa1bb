// Fields of a notifier, read from its YAML and written into it: the ways to send are what the schema has.
import { useMemo } from 'react';
import { type FieldNode, findField } from '../../../../manifests/index.js';
import { SchemaFields } from '../../forms/schema-fields.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { wayName } from '../../text/notifiers.js';
import { parseText, type TextProblem, withField } from '../../text/yaml.js';

interface NotifierFieldsProps {
  readonly text: string;
  /** What the center says of it. */
  readonly problems: readonly TextProblem[];
  readonly onChange: (text: string) => void;
}

type Values = Readonly<Record<string, unknown>>;

function specFields(): readonly FieldNode[] {
  const found = findField('Notifier', ['spec']);
  return 'field' in found ? found.field.fields : [];
}

export function NotifierFields({ text, problems, onChange }: NotifierFieldsProps) {
  const spec = useMemo(() => {
    const parsed = parseText(text);
    const object = 'object' in parsed ? (parsed.object as { spec?: Values | null } | null) : null;
    return typeof object?.spec === 'object' && object.spec !== null ? object.spec : {};
  }, [text]);
  const fields = specFields();
  const ways = fields.filter(({ type }) => type === 'Object');
  const way = ways.find(({ name }) => spec[name] !== undefined) ?? ways[0]!;
  const values = (spec[way.name] ?? {}) as Values;
  const set = (name: string, value: unknown) => onChange(withField(text, ['spec', way.name, name], value));
  const choose = (next: string) => {
    const own = ways.find(({ name }) => name === next)?.fields.filter(({ type }) => type === 'string') ?? [];
    const first = own.find(({ required }) => required) ?? own[0];
    // With a field in it from the start it is written as a block, as all the rest.
    const begun = withField(text, ['spec', next], first === undefined ? {} : { [first.name]: '' });
    const others = ways.filter(({ name }) => name !== next);
    onChange(others.reduce((so, { name }) => withField(so, ['spec', name], undefined), begun));
  };
  /** A problem names its field, and then says what is wrong. */
  const problemAt = (path: string) =>
    problems
      .find(({ message }) => message.startsWith(path) && /^[:.[]/.test(message.slice(path.length)))
      ?.message.replace(/^\S+: /, '');
  const words = (name: string) => (typeof spec[name] === 'string' ? String(spec[name]) : '');
  const setWords = (name: string) => (value: string) =>
    onChange(withField(text, ['spec', name], value === '' ? undefined : value));
  return (
    <>
      <SelectField
        label="Sends"
        value={way.name}
        onChange={choose}
        options={ways.map(({ name }) => [name, wayName(name)] as const)}
      />
      <SchemaFields
        fields={way.fields}
        values={values}
        onChange={set}
        path={`spec.${way.name}`}
        problemAt={problemAt}
      />
      <TextField
        label="Waits for more"
        value={words('groupWait')}
        onChange={setWords('groupWait')}
        hint="What happens in this time goes out together; 30s unless given"
      />
      <TextField label="Description" value={words('description')} onChange={setWords('description')} />
    </>
  );
}

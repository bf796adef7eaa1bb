// Fields of a notifier, read from its YAML and written into it: the ways to send are what the schema has.
import { useMemo } from 'react';
import { type FieldNode, findField } from '../../../../manifests/index.js';
import { SchemaFields } from '../../forms/schema-fields.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { wayName } from '../../text/notifiers.js';
import { parseText, withField } from '../../text/yaml.js';

interface NotifierFieldsProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

type Values = Readonly<Record<string, unknown>>;

function specFields(): readonly FieldNode[] {
  const found = findField('Notifier', ['spec']);
  return 'field' in found ? found.field.fields : [];
}

/** Whom the center's problems are about, it says in the YAML. */
const nothing = () => undefined;

export function NotifierFields({ text, onChange }: NotifierFieldsProps) {
  const spec = useMemo(() => {
    const parsed = parseText(text);
    const object = 'object' in parsed ? (parsed.object as { spec?: Values | null } | null) : null;
    return typeof object?.spec === 'object' && object.spec !== null ? object.spec : {};
  }, [text]);
  const fields = specFields();
  const ways = fields.filter(({ type }) => type === 'Object');
  const way = ways.find(({ name }) => spec[name] !== undefined) ?? ways[0]!;
  const needed = way.fields.filter(({ required }) => required);
  const others = way.fields.filter(({ required }) => !required);
  const values = (spec[way.name] ?? {}) as Values;
  const set = (name: string, value: unknown) => onChange(withField(text, ['spec', way.name, name], value));
  const choose = (next: string) => {
    const without = ways.reduce((so, { name }) => withField(so, ['spec', name], undefined), text);
    onChange(withField(without, ['spec', next], {}));
  };
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
        fields={[...needed, ...others]}
        values={values}
        onChange={set}
        path={`spec.${way.name}`}
        problemAt={nothing}
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

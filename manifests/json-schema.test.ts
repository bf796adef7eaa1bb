import type { TSchema } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import t from 'tap';
import { jsonSchema } from './json-schema.js';
import { LIST_MAP_KEY } from './kinds/metadata.js';
import { kinds } from './kinds/registry.js';
import { formats } from './validate/formats.js';
import { validateObject } from './validate/validate-object.js';

const task = (spec: object = {}) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name: 'a' },
  spec: { schedules: [{ cron: '0 2 * * *' }], run: { command: ['true'] }, ...spec },
});

t.test('one schema for all kinds, with standard keywords only (A-31, A-50, A-53)', async (t) => {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  for (const name of ['date-time', 'date']) ajv.addFormat(name, formats[name]!.test);
  const validate = ajv.compile(JSON.parse(JSON.stringify(jsonSchema())));
  const namespace = { apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'a' }, spec: {} };
  const good = [
    task(),
    task({ timeout: '1h30m' }),
    namespace,
    { apiVersion: 'v1', kind: 'List', items: [task(), namespace] },
  ];
  const bad = [
    task({ timout: '1h' }),
    task({ timeout: 'PT1H' }),
    task({ concurrencyPolicy: 'Never' }),
    { ...task(), kind: 'Run' },
    { ...namespace, spec: { run: {} } },
    { ...namespace, metadata: { labels: {} } },
    {},
  ];
  const nameless = { ...task(), metadata: { generateName: 'a-' } };
  t.ok(validate(nameless), 'C-17: a manifest for create');
  for (const manifest of good) t.ok(validate(manifest), JSON.stringify(validate.errors));
  for (const manifest of bad) t.notOk(validate(manifest), JSON.stringify(manifest));
  for (const manifest of good.filter(({ kind }) => kind !== 'List')) t.strictSame(validateObject(manifest).causes, []);
  for (const kind of kinds)
    t.doesNotThrow(() =>
      new Ajv({ strict: false, logger: false }).compile(JSON.parse(JSON.stringify(jsonSchema(kind.kind)))),
    );
});

t.test('the schemas themselves are valid, strictly', async (t) => {
  const ajv = new Ajv({ strict: true, keywords: [LIST_MAP_KEY] });
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate: format.test });
  for (const { kind, schema } of kinds) t.type(ajv.compile(schema), 'function', kind);
});

/** Every schema below one, with its path. */
function* fieldsOf(schema: TSchema, path: string): Generator<[string, TSchema]> {
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, TSchema>)) {
    yield [`${path}.${name}`, property];
    yield* fieldsOf(property, `${path}.${name}`);
  }
  if (schema.items !== undefined) yield* fieldsOf(schema.items, `${path}[]`);
}

t.test(
  'every field of every kind can be explained, and refuses what it does not know (A-07, A-31, A-53)',
  async (t) => {
    for (const row of kinds) {
      t.ok(row.schema.description, row.kind);
      for (const [path, schema] of fieldsOf(row.schema, row.kind)) {
        t.match(schema.description, /^[A-Z].*\.$/s, `${path} has a description that is a sentence`);
        if (schema.properties !== undefined) t.equal(schema.additionalProperties, false, `${path} is closed`);
        // Which word it is stands in an enum or in a choice of constants.
        const constants = ((schema.anyOf ?? []) as TSchema[]).map((choice) => choice.const);
        for (const word of [...((schema.enum ?? []) as unknown[]), ...constants]) {
          if (typeof word === 'string') t.match(word, /^[A-Z][A-Za-z]*$/, `${path}: ${word} is CamelCase`);
        }
        if (/Time(stamp)?$/.test(path)) t.equal(schema.format, 'date-time', `${path} is an instant`);
        if (schema.type === 'integer') t.notOk(/Time$|Timeout$/.test(path), `${path} is no time`);
        // Sub-objects that have names are lists; only keys that users choose make maps.
        if (schema.patternProperties !== undefined)
          t.equal(
            (Object.values(schema.patternProperties as object)[0] as TSchema).type,
            'string',
            `${path} is a map of texts`,
          );
        if (schema.format !== undefined) t.ok(formats[schema.format], `${path} has a known format`);
        t.match(path.split('.').at(-1), /^[a-z][A-Za-z0-9]*$/, `${path} is camelCase`);
        // The load average of an agent is a measurement; nothing a user writes is a fraction.
        if (!path.startsWith('Agent.status')) t.not(schema.type, 'number', `${path} is no float`);
      }
    }
  },
);

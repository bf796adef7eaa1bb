import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { LIST_MAP_KEY } from '../kinds/metadata.js';
import { type KindName, kindRow } from '../kinds/registry.js';
import { formats } from './formats.js';

export type SchemaError = ErrorObject<string, Record<string, unknown>, unknown>;

let ajv: Ajv | undefined;
const compiled = new Map<KindName, ValidateFunction>();

/** All errors of a value against the schema of its kind. Compiled on first use: most commands need none or one. */
export function schemaErrors(kind: KindName, value: unknown): SchemaError[] {
  let validate = compiled.get(kind);
  if (validate === undefined) {
    ajv ??= createAjv();
    validate = ajv.compile(kindRow(kind).schema);
    compiled.set(kind, validate);
  }
  return validate(value) ? [] : ((validate.errors ?? []) as SchemaError[]);
}

function createAjv(): Ajv {
  // Commands compile one schema and validate a few objects: checking the schemas themselves and polishing the generated
  // code would double that time. A test checks the schemas, with everything strict.
  const created = new Ajv({
    strict: true,
    allErrors: true,
    verbose: true,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  });
  created.addKeyword(LIST_MAP_KEY);
  for (const [name, format] of Object.entries(formats))
    created.addFormat(name, { type: 'string', validate: format.test });
  return created;
}

import { parseJsonPath } from '../output/jsonpath.js';
import { usage } from '../resources/target.js';

/** What `-o` of `get` may be. */
export type GetOutput =
  | { readonly kind: 'table'; readonly wide: boolean }
  | { readonly kind: 'name' }
  | { readonly kind: 'json' }
  | { readonly kind: 'yaml' }
  | { readonly kind: 'jsonpath'; readonly template: string };

const HINT = 'allowed formats are: wide, name, json, yaml, jsonpath=TEMPLATE';

/** Throws CT_USAGE that lists the formats. */
export function parseOutput(format: string | undefined): GetOutput {
  switch (format) {
    case undefined:
    case '':
      return { kind: 'table', wide: false };
    case 'wide':
      return { kind: 'table', wide: true };
    case 'name':
    case 'json':
    case 'yaml':
      return { kind: format };
  }
  if (format.startsWith('jsonpath=')) {
    const template = format.slice('jsonpath='.length);
    parseJsonPath(template); // a wrong template is told before anything is asked for
    return { kind: 'jsonpath', template };
  }
  if (format.startsWith('go-template')) throw usage('go-template is not supported', 'use jsonpath, or -o json with jq');
  throw usage(`unable to match a printer suitable for the output format "${format}"`, HINT);
}

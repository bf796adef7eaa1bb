// What roles may name: a misspelt verb or kind would give nothing, silently.
import { accessOnlyKinds, accessVerbs } from '../access/built-in-roles.js';
import { kinds } from '../kinds/registry.js';
import { asList, asMap, type Fields, type Reporter } from './rule-kit.js';
import { invalid } from './schema-causes.js';
import { didYouMean } from './suggest.js';

const ANY = '*';

export function roleCauses(spec: Fields, report: Reporter): void {
  const known = { verbs: accessVerbs, kinds: [...kinds.map(({ kind }) => kind), ...accessOnlyKinds] };
  asList(spec.rules).forEach((rule, index) => {
    for (const field of ['verbs', 'kinds'] as const) {
      asList(asMap(rule)[field]).forEach((word, at) => {
        if (typeof word !== 'string' || word === ANY || known[field].includes(word)) return;
        const what = field === 'verbs' ? 'verb' : 'kind';
        const path = ['spec', 'rules', index, field, at];
        report(invalid(path, word, `there is no ${what} "${word}"${didYouMean(word, known[field])}`));
      });
    }
  });
}

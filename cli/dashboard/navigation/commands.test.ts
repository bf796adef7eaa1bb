import t from 'tap';
import { resources } from '../../../test/support/fed-dashboard.js';
import { parseCommand, suggestCommands } from './commands.js';

const kindOf = (line: string) => {
  const parsed = parseCommand(line, resources);
  if (!('kind' in parsed)) return parsed;
  const { resource, ...rest } = parsed.kind;
  return { name: resource.name, ...rest };
};

t.test('a kind by any of its names, with what may stand behind it (T-04)', async (t) => {
  t.strictSame(kindOf('tk'), { name: 'tasks' });
  t.strictSame(kindOf(' Task  billing '), { name: 'tasks', namespace: 'billing' });
  t.strictSame(kindOf('ru /fail|lost x'), { name: 'runs', filter: 'fail|lost x' });
  t.strictSame(kindOf('tasks billing /a/b'), { name: 'tasks', namespace: 'billing', filter: 'a/b' });
  t.strictSame(kindOf('tk team=fin env!=test'), { name: 'tasks', labelSelector: 'team=fin,env!=test' });
  t.strictSame(kindOf('ag @prod'), { name: 'agents', context: 'prod' });
});

t.test('words that are no kinds, and what is neither', async (t) => {
  t.strictSame(parseCommand('q', resources), { command: 'quit', argument: '' });
  t.strictSame(parseCommand('ctx prod', resources), { command: 'ctx', argument: 'prod' });
  t.strictSame(parseCommand('tsk', resources), { wrong: 'no view or kind "tsk"; did you mean "task"?' });
  t.strictSame(parseCommand('qqqqqq', resources), { wrong: 'no view or kind "qqqqqq"' });
});

t.test('a word of the user stands for a line, and what is typed behind it follows', async (t) => {
  const aliases = new Map([
    ['broken', 'runs all /Failed'],
    ['prod', 'tasks @prod'],
    ['loop', 'loop'],
  ]);
  const parsed = (line: string) => parseCommand(line, resources, aliases);
  t.match(parsed('broken'), { kind: { resource: { name: 'runs' }, namespace: 'all', filter: 'Failed' } });
  t.match(parsed('prod team=fin'), { kind: { context: 'prod', labelSelector: 'team=fin' } });
  t.match(parsed('loop'), { wrong: 'no view or kind "loop"' });
  t.match(parsed('brokn'), { wrong: 'no view or kind "brokn"; did you mean "broken"?' });
  const source = { resources, namespaces: [], contexts: [], aliases };
  t.strictSame(suggestCommands('bro', source), ['broken']);
});

t.test('suggestions are whole lines, the shortest first', async (t) => {
  const source = { resources, namespaces: ['billing', 'default'], contexts: ['prod'] };
  t.strictSame(suggestCommands('ta', source), ['tasks']);
  t.strictSame(suggestCommands('tasks b', source), ['tasks billing']);
  t.strictSame(suggestCommands('ctx p', source), ['ctx prod']);
  t.strictSame(suggestCommands('tasks @', source), ['tasks @prod']);
  t.strictSame(suggestCommands('tasks ', source), []);
});

import t from 'tap';
import { Description } from './description.js';

t.test('fields that stand together are aligned together (C-52)', async (t) => {
  const text = new Description()
    .field('Name', 'x')
    .map('Labels', { b: '2', a: '1' })
    .map('Annotations', undefined)
    .table(
      'Rows',
      ['A', 'B'],
      [
        ['1', 'two'],
        ['three', '4'],
      ],
    )
    .field('Concurrency Policy', 'Forbid')
    .field('Timeout', '1h')
    .section('Placement', [
      ['Cluster', 'eu'],
      ['Selector', 'a=b'],
    ])
    .table('Events', ['Type', 'Reason'], [['Normal', 'Started']], true)
    .table('None', ['A'], [])
    .text();
  t.equal(
    text,
    [
      'Name:           x',
      'Labels:         a=1',
      '                b=2',
      'Annotations:    <none>',
      'Rows:',
      '  A      B',
      '  1      two',
      '  three  4',
      'Concurrency Policy:  Forbid',
      'Timeout:             1h',
      'Placement:',
      '  Cluster:   eu',
      '  Selector:  a=b',
      'Events:',
      '  Type    Reason',
      '  ----    ------',
      '  Normal  Started',
      'None:           <none>',
      '',
    ].join('\n'),
  );
});

t.test('a name cannot command the terminal', async (t) => {
  t.equal(new Description().field('Name', '\u001b[2Jx').text(), 'Name:           ^[[2Jx\n');
});

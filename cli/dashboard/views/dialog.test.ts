import fc from 'fast-check';
import t from 'tap';
import { Dialog, type Field } from '../navigation/dialog.js';
import { lineCells, type Meaning } from '../text/line.js';
import { textOf } from '../text/spans.js';
import { dialogLines } from './dialog-lines.js';

const NOTHING = { onRefuse: () => undefined, onConfirm: () => undefined, onClose: () => undefined };
const line = (text: string) => [{ text, meaning: 'plain' as Meaning }];

function dialogOf(names: readonly string[], fields: readonly Field[], words = `Delete ${names.length} tasks?`): Dialog {
  return new Dialog({
    ...{ title: 'Delete', lines: [line(words)], fields, confirm: 'Delete', dangerous: true },
    list: { total: names.length, lines: names.slice(0, 10).map((name) => line(`  default/${name}`)) },
    ...NOTHING,
  });
}

const runs = (): Field => ({ label: 'Runs', options: ['go too', 'cancel first', 'stay'], chosen: 0 });
const typed = (): Field => ({ label: 'Type prod', value: '' });
const names = (count: number) => Array.from({ length: count }, (_, i) => `task-${i}`);
const read = (dialog: Dialog, width: number, height: number) =>
  dialogLines(dialog, { width, height }, false).lines.map((one) => textOf(one));

t.test('whatever the room, fields and buttons are seen, and the names add up', async () => {
  const property = fc.property(
    fc.integer({ min: 40, max: 140 }),
    fc.integer({ min: 8, max: 50 }),
    fc.integer({ min: 1, max: 1200 }),
    fc.boolean(),
    (width, height, count, guarded) => {
      const dialog = dialogOf(names(count), guarded ? [runs(), typed()] : [runs()]);
      const { lines, left, top } = dialogLines(dialog, { width, height }, false);
      const text = lines.map(textOf).join('\n');
      const shown = text.match(/default\/task-\d+/g)?.length ?? 0;
      const more = Number(/and ([\d,]+) more/.exec(text)?.[1]?.replace(',', '') ?? 0);
      const widths = new Set(lines.map(lineCells));
      return (
        text.includes('[ Cancel ]') &&
        text.includes('Runs') &&
        guarded === text.includes('Type prod') &&
        shown + more === count &&
        widths.size === 1 &&
        left + Math.max(...widths) <= width &&
        top + lines.length <= height
      );
    },
  );
  fc.assert(property);
});

t.test('of many fields those around the focus are shown, and the others counted', async () => {
  const property = fc.property(
    fc.integer({ min: 8, max: 50 }),
    fc.integer({ min: 1, max: 66 }),
    fc.nat({ max: 67 }),
    (height, count, at) => {
      const fields = Array.from({ length: count }, (_, i) => ({ label: `field-${i}.`, value: '' }));
      const note = () => ({ text: 'what it is for', wrong: false });
      const focus = Math.min(at, count + 1);
      const dialog = new Dialog({
        ...{ title: 'Trigger', lines: [line('Run it now.')], confirm: 'Run', fields, note, focus, ...NOTHING },
      });
      const rows = read(dialog, 80, height);
      const text = rows.join('\n');
      const more = Number(/(\d+) more fields/.exec(text)?.[1] ?? 0);
      return (
        rows.length <= height &&
        text.includes('Cancel') &&
        text.includes('what it is for') &&
        (focus >= count || text.includes(`field-${focus}.`)) &&
        (text.match(/field-\d+\./g)?.length ?? 0) + more === count
      );
    },
  );
  fc.assert(property);
});

t.test('ten names at most, and blank lines where there is room for them', async (t) => {
  const roomy = read(dialogOf(names(1200), [runs()]), 80, 40);
  t.match(roomy.join('\n'), /task-9[^\d][\s\S]*and 1,190 more/);
  t.match(roomy[1], /^│ +│$/);
  const narrow = read(dialogOf(names(1200), [runs()]), 80, 8);
  t.strictSame(
    narrow.map((row) => row.replace(/[│ ]+$/, '').replace(/^│ /, '')),
    [
      '╭─ Delete ───────────────────────────────╮',
      ...['Delete 1200 tasks?', '  default/task-0', '  default/task-1', '  and 1,198 more'],
      ...['Runs  (go too)  cancel first   stay', '       [ Cancel ]     Delete'],
      '╰────────────────────────────────────────╯',
    ],
  );
});

t.test('sentences are broken between words, a single name is never cut', async (t) => {
  const name = `${'long-'.repeat(12)}name`;
  const sentence = 'End this run: SIGTERM, and SIGKILL after the grace period.';
  const text = read(dialogOf([name], [], sentence), 44, 20).join('\n');
  t.notMatch(text, '…');
  t.match(text.replaceAll(/[│\s]+/g, ' '), sentence);
  t.match(text.replaceAll(/[│\n ]/g, ''), `default/${name}`);
});

t.test('where the choices have no room side by side, the chosen one is seen', async (t) => {
  const field: Field = { label: 'Runs', options: ['are deleted with it', 'are cancelled first', 'stay'], chosen: 1 };
  t.match(read(dialogOf(['a'], [field]), 80, 20).join('\n'), '(are cancelled first)');
  t.match(read(dialogOf(['a'], [field]), 44, 20).join('\n'), 'Runs  < are cancelled first >');
});

t.test('a field shows what one may type, then the end of what is typed', async (t) => {
  const field: Field = { label: 'Arguments', value: '', hint: '--full' };
  const dialog = dialogOf(['a'], [field]);
  t.match(read(dialog, 60, 20).join('\n'), /Arguments {2}--full_+/);
  field.value = `${'--some-argument '.repeat(8)}--the-last`;
  t.match(read(dialog, 60, 20).join('\n'), /Arguments {2}….*--the-last_? │/);
});

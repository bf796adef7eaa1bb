// For each key of the dashboard that only looks: what it must do on a screen whose objects are given by hand.
import type { Test } from 'tap';
import type { ApiObject } from '../../cli/resources/api-object.js';
import type { FedDashboard } from './fed-dashboard.js';
import { object } from './fed-objects.js';

/** Presses the key of that name, among others, and says what must have come of it. */
export type LookingKey = (t: Test, fed: FedDashboard, key: string) => Promise<void>;

/** Nine namespaces, for nine keys: `default` is the first, the others follow by name. */
export const NAMESPACES: readonly ApiObject[] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
  object('Namespace', name, {}),
);
const FAVOURITES = ['default', 'a', 'b', 'billing', 'c', 'd', 'e', 'f', 'ops'];

async function command({ terminal }: FedDashboard, line: string): Promise<void> {
  await terminal.type(`:${line}`);
  await terminal.press('enter');
}

const rows = ({ terminal }: FedDashboard): string[] =>
  terminal
    .text()
    .split('\n')
    .filter((line) => /^(▸| )(\*| )\S/.test(line) && !/^ +NAME/.test(line));
const cursor = (fed: FedDashboard): number => rows(fed).findIndex((line) => line.startsWith('▸'));
const marked = (fed: FedDashboard): number => rows(fed).filter((line) => line[1] === '*').length;

/** The cursor goes from one row to another. */
const moves =
  (from: number, to: number): LookingKey =>
  async (t, fed, key) => {
    for (let i = 0; i < from; i++) await fed.terminal.press('j');
    t.equal(cursor(fed), from);
    await fed.terminal.press(key);
    t.equal(cursor(fed), to < 0 ? rows(fed).length + to : to);
  };

const sorts =
  (column: string): LookingKey =>
  async (t, fed, key) => {
    await fed.terminal.press('0', 'shift-right', key);
    t.match(fed.terminal.line('NAME'), `${column}↑`);
    await fed.terminal.press(key);
    t.match(fed.terminal.line('NAME'), `${column}↓`, 'again: the other way round');
  };

const besides =
  (column: string): LookingKey =>
  async (t, { terminal }, key) => {
    t.match(terminal.line('NAME'), 'NAME↑');
    await terminal.press(key);
    t.match(terminal.line('NAME'), `${column}↑`);
  };

/** On a text of long lines. */
const reads =
  (before: readonly string[], shown: RegExp): LookingKey =>
  async (t, fed, key) => {
    await command(fed, 'alias');
    await fed.terminal.press(...before);
    t.notMatch(fed.terminal.text(), shown);
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), shown);
  };

/** From one card of the pulses to another; Enter says which one it was. */
const card =
  (before: readonly string[], title: RegExp): LookingKey =>
  async (t, fed, key) => {
    await command(fed, 'pulses');
    await fed.terminal.press(...before, key, 'enter');
    t.match(fed.terminal.text(), title);
  };

const toggles =
  (shown: RegExp): LookingKey =>
  async (t, { terminal }, key) => {
    t.match(terminal.text(), shown);
    await terminal.press(key);
    t.notMatch(terminal.text(), shown);
    await terminal.press(key);
    t.match(terminal.text(), shown);
  };

export const lookingKeys: Readonly<Record<string, LookingKey>> = {
  'tasks.sortLastRun': sorts('LAST-RUN'),
  'tasks.sortNextRun': sorts('NEXT-RUN'),
  'tasks.next': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.text(), /Next\(default\/nightly-report\)[\s\S]*0 2 \* \* \*/);
  },
  'table.open': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.text(), 'Runs(default/nightly-report)');
  },
  'table.allNamespaces': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.text(), 'Tasks(all)[7]');
  },
  'table.favourite': async (t, { terminal }, key) => {
    await terminal.press('0', key);
    t.match(terminal.text(), `Tasks(${FAVOURITES[Number(key) - 1]})`);
  },
  'table.mark': async (t, fed, key) => {
    await fed.terminal.press(key);
    t.equal(marked(fed), 1);
    await fed.terminal.press('k', key);
    t.equal(marked(fed), 0);
  },
  'table.markRange': async (t, fed, key) => {
    await fed.terminal.press('space', 'j', 'j', key);
    t.equal(marked(fed), 4);
  },
  'table.clearMarks': async (t, fed, key) => {
    await fed.terminal.press('space', 'space');
    t.equal(marked(fed), 2);
    await fed.terminal.press(key);
    t.equal(marked(fed), 0);
  },
  'table.faults': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.text(), /Tasks\(default\)\[2\/6\] faults only/);
  },
  'table.wide': async (t, { terminal }, key) => {
    const columns = () => terminal.line('NAME')?.trim().split(/ +/).length ?? 0;
    const before = columns();
    await terminal.press(key);
    t.ok(columns() > before, terminal.line('NAME') ?? '');
  },
  'table.sortName': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.line('NAME'), 'NAME↓', 'it was sorted so before: the other way round');
    await terminal.press('shift-a', key);
    t.match(terminal.line('NAME'), 'NAME↑');
  },
  'table.sortAge': sorts('AGE'),
  'table.sortStatus': sorts('STATUS'),
  'table.sortNamespace': sorts('NAMESPACE'),
  'table.sortColumnLeft': besides('AGE'),
  'table.sortColumnRight': besides('SCHEDULE'),
  'table.sortReverse': async (t, { terminal }, key) => {
    await terminal.press('shift-a', key);
    t.match(terminal.line('NAME'), 'AGE↓');
  },
  'table.columnsRight': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.notMatch(terminal.line('NAME'), 'SCHEDULE');
  },
  'table.columnsLeft': async (t, { terminal }, key) => {
    await terminal.press('right', 'right', key, key);
    t.match(terminal.line('NAME'), 'SCHEDULE');
  },

  'text.wrap': reads([], /Wrap:On/),
  'text.fullscreen': async (t, fed, key) => {
    await command(fed, 'alias');
    t.match(fed.terminal.text(), 'Context');
    await fed.terminal.press(key);
    t.notMatch(fed.terminal.text(), 'Context');
  },
  'text.nextMatch': reads(['/', 's', 'p', 'enter'], /Match 2 of/),
  'text.previousMatch': reads(['/', 's', 'p', 'enter', 'n', 'n'], /Match 2 of/),
  'text.left': async (t, fed, key) => {
    await fed.terminal.resize(44, 30);
    await command(fed, 'alias');
    await fed.terminal.press('right');
    t.notMatch(fed.terminal.text(), /^ ?tasks, task/m);
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), /^ ?tasks, task/m);
  },
  'text.right': async (t, fed, key) => {
    await fed.terminal.resize(44, 30);
    await command(fed, 'alias');
    t.match(fed.terminal.text(), /^ ?tasks, task/m);
    await fed.terminal.press(key);
    t.notMatch(fed.terminal.text(), /^ ?tasks, task/m);
  },

  'pulses.open': card([], /Runs\(default\)/),
  'pulses.next': card([], /faults only/),
  'pulses.previous': card(['tab'], /Runs\(default\)\[6\]/),
  'pulses.left': card(['tab'], /Runs\(default\)\[6\]/),
  'pulses.right': card([], /faults only/),
  'pulses.up': card(['j'], /Runs\(default\)\[6\]/),
  'pulses.down': card([], /^(?![\s\S]*Runs\(default\)\[6\]─)/),

  'xray.toggle': async (t, fed, key) => {
    await command(fed, 'xray');
    t.match(fed.terminal.text(), 'vacuum');
    await fed.terminal.press(key);
    t.notMatch(fed.terminal.text(), 'vacuum');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), 'vacuum');
  },
  'xray.open': async (t, fed, key) => {
    await command(fed, 'xray');
    await fed.terminal.press('enter', key);
    t.match(fed.terminal.text(), 'vacuum', 'it opens');
    await fed.terminal.press(key);
    t.match(fed.terminal.line('▸'), 'nightly-report', 'and leads down');
  },
  'xray.shut': async (t, fed, key) => {
    await command(fed, 'xray');
    await fed.terminal.press('j', 'enter', 'j');
    t.match(fed.terminal.line('▸'), 'nightly-report-');
    await fed.terminal.press(key);
    t.match(fed.terminal.line('▸'), '− nightly-report ', 'to what it is below');
    await fed.terminal.press(key);
    t.match(fed.terminal.line('▸'), '+ nightly-report ', 'which closes');
    await fed.terminal.press(key, key);
    t.notMatch(fed.terminal.text(), 'vacuum');
  },
  'xray.toggleAll': async (t, fed, key) => {
    await command(fed, 'xray');
    t.notMatch(fed.terminal.text(), 'vacuum-9k1zz');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), /vacuum-9k1zz[\s\S]*|nightly-report-0aa3d/);
    await fed.terminal.press(key);
    t.notMatch(fed.terminal.text(), 'vacuum');
  },
  'timeline.zoomIn': async (t, fed, key) => {
    await command(fed, 'timeline');
    t.match(fed.terminal.text(), 'Timeline(default)[2] 60m back and ahead');
    await fed.terminal.press(key, key);
    t.match(fed.terminal.text(), '10m back and ahead', 'the shortest stays');
  },
  'timeline.zoomOut': async (t, fed, key) => {
    await command(fed, 'timeline');
    await fed.terminal.press(key, key);
    t.match(fed.terminal.text(), 'Timeline(default)[4] 24h back and ahead');
  },
  'timeline.open': async (t, fed, key) => {
    await command(fed, 'timeline');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), /Runs\(default\/\S+\)/);
  },

  'tasks.doctor': async (t, { terminal }, key) => {
    await terminal.press('0', key);
    t.match(terminal.text(), /Doctor\(all\)[\s\S]*Error[\s\S]*billing\/dunning/);
    await terminal.press('esc');
    t.match(terminal.text(), 'Tasks(all)', 'back where one was');
  },
  'doctor.open': async (t, fed, key) => {
    await fed.terminal.press('0');
    await command(fed, 'doctor');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), /Tasks\(billing\)[\s\S]*▸ *dunning/);
  },

  'list.down': moves(1, 2),
  'list.up': moves(2, 1),
  'list.pageDown': moves(0, -1),
  'list.pageUp': moves(3, 0),
  'list.top': moves(3, 0),
  'list.bottom': moves(1, -1),

  'global.help': async (t, { terminal }, key) => {
    await terminal.press(key);
    t.match(terminal.text(), /Help\(tasks\)[\s\S]*<t> +Trigger/);
  },
  'global.command': async (t, { terminal }, key) => {
    await terminal.press(key, 'a', 'g', 'enter');
    t.match(terminal.text(), 'Agents[3]');
  },
  'global.filter': async (t, { terminal }, key) => {
    await terminal.press(key, 'v', 'a', 'enter');
    t.match(terminal.text(), 'Tasks(default)[1/6] </va>');
  },
  'global.back': async (t, { terminal }, key) => {
    await terminal.press('enter');
    t.match(terminal.text(), '<tasks> <runs>');
    await terminal.press(key);
    t.match(terminal.text(), /<tasks> *\n/);
  },
  'global.historyBack': async (t, fed, key) => {
    await command(fed, 'ag');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), 'Tasks(default)');
  },
  'global.historyForward': async (t, fed, key) => {
    await command(fed, 'ag');
    await fed.terminal.press('[', key);
    t.match(fed.terminal.text(), 'Agents[3]');
  },
  'global.lastView': async (t, fed, key) => {
    await command(fed, 'ag');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), 'Tasks(default)');
    await fed.terminal.press(key);
    t.match(fed.terminal.text(), 'Agents[3]');
  },
  'global.refresh': async (t, { terminal, source }, key) => {
    await terminal.press(key);
    t.equal(source.refreshed, 1);
  },
  'global.toggleHeader': toggles(/Context {2}prod/),
  'global.toggleCrumbs': toggles(/<tasks>/),
  'global.quit': async (t, { terminal, ended }, key) => {
    await terminal.press('enter', key);
    t.notOk(ended(), 'back from where one is');
    await terminal.press(key);
    t.ok(ended());
  },
  'global.exit': async (t, { terminal, ended }, key) => {
    await terminal.press('enter', key);
    t.ok(ended());
  },
};

// `:doctor`: what is wrong with the tasks; Enter leads to the task.
import type { ActionOf, KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery } from '../state/object-source.js';
import { OnceASecond } from '../state/once-a-second.js';
import type { Click, Line } from '../text/line.js';
import { doctorLines, findingRows } from '../views/doctor.js';
import { type DoctorReport, examine, type Finding } from '../views/doctor-model.js';
import { listHandlers } from './list-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { ListCursor } from './scroll-list.js';
import { ShownObjects, type ShownObjectsOptions } from './shown-objects.js';

export interface DoctorScreenOptions extends ShownObjectsOptions {
  readonly onOpen: (finding: Finding) => void;
}

export const doctorHandlers: Record<ActionOf<'doctor'>, (screen: DoctorScreen) => void> = {
  open: (screen) => screen.open(),
};

export class DoctorScreen implements Screen {
  readonly crumb = 'doctor';
  readonly command = 'doctor';
  readonly scopes: readonly Scope[] = ['doctor', 'list'];
  private readonly objects: ShownObjects;
  private readonly onOpen: (finding: Finding) => void;
  private readonly cursor = new ListCursor();
  private readonly report: OnceASecond<DoctorReport>;
  private findings: readonly Finding[] = [];

  constructor(options: DoctorScreenOptions) {
    this.objects = new ShownObjects(options, 'tasks', 'runs', 'agents');
    this.onOpen = options.onOpen;
    this.report = new OnceASecond((now) => {
      const { objects } = this;
      const [tasks, runs, agents] = [objects.of('tasks'), objects.of('runs'), objects.of('agents')];
      return examine({ tasks, runs, agents, runsCut: objects.isCut('runs') }, now);
    });
  }

  get queries(): readonly FeedQuery[] {
    return this.objects.queries;
  }

  title(): ScreenTitle {
    return { name: 'Doctor', place: this.objects.namespace ?? 'all' };
  }

  lines(size: Size, context: ViewContext): Line[] {
    const missing = this.objects.missing(size);
    if (missing !== undefined) return missing;
    const report = this.report.get(context.now);
    this.findings = report.findings;
    this.cursor.settle(
      report.findings.map(({ id }) => id),
      findingRows(size.height),
    );
    return doctorLines({ report, top: this.cursor.top, selected: this.cursor.index }, size, context);
  }

  handle(row: KeyRow): void {
    if (row.scope === 'list') listHandlers[row.action as keyof typeof listHandlers](this.cursor);
    else doctorHandlers[row.action as keyof typeof doctorHandlers](this);
  }

  scroll(rows: number): void {
    this.cursor.scroll(rows);
  }

  click(target: Click): boolean {
    return 'row' in target && !this.cursor.moveTo(target.row);
  }

  open(): void {
    const finding = this.findings[this.cursor.index];
    if (finding !== undefined) this.onOpen(finding);
  }
}

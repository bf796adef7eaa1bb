// `:pulses`: cards one moves over, and opens the table behind.
import type { ActionOf, KeyRow, Scope } from '../keys/keymap.js';
import type { FeedQuery } from '../state/object-source.js';
import { OnceASecond } from '../state/once-a-second.js';
import type { Line } from '../text/line.js';
import { PULSE_TARGETS, type PulseCardId, type PulseTarget } from '../views/pulse-cards.js';
import { cardBeside, nextCard, pulsesLines } from '../views/pulses.js';
import { buildPulses, type PulsesModel } from '../views/pulses-model.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { ShownObjects, type ShownObjectsOptions } from './shown-objects.js';

export interface PulsesScreenOptions extends ShownObjectsOptions {
  readonly onOpen: (target: PulseTarget) => void;
}

export const pulsesHandlers: Record<ActionOf<'pulses'>, (screen: PulsesScreen) => void> = {
  open: (screen) => screen.open(),
  next: (screen) => screen.select((card) => nextCard(card)),
  previous: (screen) => screen.select((card) => nextCard(card, -1)),
  left: (screen) => screen.select((card) => cardBeside(card, 'left')),
  right: (screen) => screen.select((card) => cardBeside(card, 'right')),
  up: (screen) => screen.select((card) => cardBeside(card, 'up')),
  down: (screen) => screen.select((card) => cardBeside(card, 'down')),
};

export class PulsesScreen implements Screen {
  readonly crumb = 'pulses';
  readonly command = 'pulses';
  readonly scopes: readonly Scope[] = ['pulses'];
  readonly filterWord = '';
  private readonly objects: ShownObjects;
  private readonly onOpen: (target: PulseTarget) => void;
  private readonly model: OnceASecond<PulsesModel>;
  private selected: PulseCardId = 'runs';

  constructor(options: PulsesScreenOptions) {
    this.objects = new ShownObjects(options, 'tasks', 'runs', 'agents');
    this.onOpen = options.onOpen;
    this.model = new OnceASecond((now) => {
      const { objects } = this;
      const [tasks, runs, agents] = [objects.of('tasks'), objects.of('runs'), objects.of('agents')];
      return buildPulses({ tasks, runs, agents, runsCut: objects.isCut('runs') }, now);
    });
  }

  get queries(): readonly FeedQuery[] {
    return this.objects.queries;
  }

  title(): ScreenTitle {
    return { name: 'Pulses', place: this.objects.namespace ?? 'all' };
  }

  lines(size: Size, context: ViewContext): Line[] {
    const missing = this.objects.missing(size);
    if (missing !== undefined) return missing;
    return pulsesLines(this.model.get(context.now), size, { ...context, selected: this.selected });
  }

  handle(row: KeyRow): void {
    pulsesHandlers[row.action as keyof typeof pulsesHandlers](this);
  }

  select(beside: (card: PulseCardId) => PulseCardId): void {
    this.selected = beside(this.selected);
  }

  open(): void {
    this.onOpen(PULSE_TARGETS[this.selected]);
  }
}

// A question over the screen. Its first button is the one that does nothing, and where something could be lost it is the one
// that Enter presses.
import type { Key } from '../keys/key-parser.js';
import type { Line } from '../text/line.js';

export interface TextField {
  readonly label: string;
  value: string;
  /** What one might type, shown while nothing is typed. */
  readonly hint?: string;
}

export interface ChoiceField {
  readonly label: string;
  readonly options: readonly string[];
  chosen: number;
}

export type Field = TextField | ChoiceField;

/** A line below the fields. */
export interface FieldNote {
  readonly text: string;
  /** What is typed will be refused. */
  readonly wrong: boolean;
}

/** The objects that it is about. */
export interface DialogList {
  readonly total: number;
  /** A line each of the first of them: as many are shown as there is room for, and the others are counted. */
  readonly lines: readonly Line[];
}

export interface DialogParts {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly list?: DialogList;
  readonly fields?: readonly Field[];
  /** Told of the field that has the focus, as one types. Once there is one, there is room for it. */
  readonly note?: (focus: number) => FieldNote | undefined;
  /** Number of the field that has the focus at first; the button that does it unless given. */
  readonly focus?: number | undefined;
  /** The button that does it. */
  readonly confirm: string;
  /** The button that does nothing; `Cancel` unless that word means something else here. */
  readonly decline?: string;
  /** Something could be lost: Cancel has the focus, and the button is marked. */
  readonly dangerous?: boolean;
  /** Why what is filled in is not enough; undefined when it is. */
  readonly refusal?: () => string | undefined;
  readonly onRefuse: (why: string) => void;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export const VALUE_MAX = 2000;

export class Dialog {
  readonly parts: DialogParts;
  readonly fields: readonly Field[];
  readonly buttons: readonly string[];
  /** Fields first, then buttons. */
  focus: number;

  constructor(parts: DialogParts) {
    this.parts = parts;
    this.fields = parts.fields ?? [];
    this.buttons = [parts.decline ?? 'Cancel', parts.confirm];
    this.focus = parts.focus ?? this.fields.length + (parts.dangerous ? 0 : 1);
  }

  press({ name, text }: Key): void {
    const field = this.fields[this.focus];
    if (name === 'esc' || name === 'ctrl-c') this.parts.onClose();
    else if (name === 'enter') this.enter();
    else if (name === 'tab' || name === 'down') this.step(1);
    else if (name === 'shift-tab' || name === 'up') this.step(-1);
    else if (field === undefined) {
      if (name === 'left' || name === 'right') this.step(name === 'right' ? 1 : -1, this.fields.length);
    } else if ('options' in field) {
      if (name === 'left' || name === 'right' || name === 'space') choose(field, name === 'left' ? -1 : 1);
    } else if (name === 'backspace') {
      field.value = [...field.value].slice(0, -1).join('');
    } else if (text !== undefined) {
      field.value = (field.value + text).slice(0, VALUE_MAX);
    }
  }

  /** In a field: on to the next one, from the last one to the button that does it, so that Enter alone never confirms what is half
   * filled in, nor throws it away. */
  private enter(): void {
    if (this.focus < this.fields.length) {
      this.focus = this.focus + 1 === this.fields.length ? this.fields.length + 1 : this.focus + 1;
      return;
    }
    const { onClose, onConfirm, onRefuse, refusal } = this.parts;
    const confirmed = this.focus > this.fields.length;
    const why = confirmed ? refusal?.() : undefined;
    if (why !== undefined) {
      onRefuse(why);
      return;
    }
    onClose();
    if (confirmed) onConfirm();
  }

  private step(by: number, from = 0): void {
    const count = this.fields.length + this.buttons.length - from;
    this.focus = from + ((this.focus - from + by + count) % count);
  }
}

function choose(field: ChoiceField, by: number): void {
  field.chosen = (field.chosen + by + field.options.length) % field.options.length;
}

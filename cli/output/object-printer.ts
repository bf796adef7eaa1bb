// Whole objects in every format that is no table of their kind: those of one answer, or one by one as they change.
import type { GetOutput } from '../commands/output-option.js';
import { qualifiedName } from '../resources/words.js';
import { CustomTable } from './custom-columns.js';
import { jsonPathPrinter, jsonPathValues } from './jsonpath.js';
import { listOf, ordered, renderObject, withoutManagedFields } from './objects.js';
import { escapeControls } from './terminal-safety.js';

export type WholeOutput = Exclude<GetOutput, { kind: 'table' }>;

interface PrintableObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export interface ObjectPrinterOptions {
  /** Whether a table of custom columns begins with its headers. */
  readonly headers?: boolean;
  /** Text goes to a terminal: control characters in it are made visible. */
  readonly terminal?: boolean;
  /** JSON and YAML say who owns which field (C-38). */
  readonly managedFields?: boolean;
}

export class ObjectPrinter {
  private readonly output: WholeOutput;
  private readonly terminal: boolean;
  private readonly managedFields: boolean;
  private readonly table: CustomTable | undefined;

  constructor(output: WholeOutput, options: ObjectPrinterOptions = {}) {
    const { headers = true, terminal = false, managedFields = false } = options;
    this.output = output;
    this.managedFields = managedFields;
    this.terminal = terminal;
    this.table = output.kind === 'custom-columns' ? new CustomTable(output.columns, headers) : undefined;
  }

  /** One object as it is with `single`, otherwise a List where the format has one. */
  async render(objects: readonly PrintableObject[], single: boolean): Promise<string> {
    const { output } = this;
    switch (output.kind) {
      case 'name':
        return objects.map(nameLine).join('');
      case 'ndjson':
        return objects.map((object) => jsonLine(this.trimmed(object))).join('');
      case 'custom-columns':
        return this.table?.render(objects) ?? '';
      case 'json':
      case 'yaml':
        return renderObject(listOf(objects, single), output.kind, this.managedFields);
      default:
        return this.template(output, listOf(objects, single));
    }
  }

  /** One of a stream; with `event`, what happened to it beside it. */
  async renderNext(object: PrintableObject, event?: string): Promise<string> {
    const trimmed = this.trimmed(object);
    const shown = event === undefined ? trimmed : { type: event, object: ordered(trimmed) };
    const { output } = this;
    switch (output.kind) {
      case 'name':
        return nameLine(object);
      case 'ndjson':
        return jsonLine(shown);
      case 'custom-columns':
        return this.table?.render([object]) ?? '';
      case 'json':
        return renderObject(shown, 'json', true);
      case 'yaml':
        return `---\n${await renderObject(shown, 'yaml', true)}`;
      default:
        return this.template(output, object);
    }
  }

  private trimmed<T extends object>(object: T): T {
    return this.managedFields ? object : withoutManagedFields(object);
  }

  private template(output: WholeOutput & { readonly template: string }, object: object): string {
    // Indented by four, as kubectl writes it.
    if (output.kind === 'jsonpath-as-json') {
      return `${JSON.stringify(jsonPathValues(output.template)(object), undefined, 4)}\n`;
    }
    const text = jsonPathPrinter(output.template)(object);
    return this.terminal ? escapeControls(text) : text;
  }
}

function nameLine({ kind, metadata }: PrintableObject): string {
  return `${qualifiedName(kind, metadata.name)}\n`;
}

const jsonLine = (object: object): string => `${JSON.stringify(ordered(object))}\n`;

// The log of a run, as it comes.
import { type Clock, messageOf } from '../../../base/index.js';
import type { Api } from '../../client/api.js';
import { type LogEnd, type LogPlace, type LogRequest, readLog } from '../../client/log-follow.js';
import { endWords } from '../../resources/words.js';
import type { KeyRow, Scope } from '../keys/keymap.js';
import type { Line } from '../text/line.js';
import { LogBuffer } from '../text/log-buffer.js';
import { LogView } from '../text/log-view.js';
import { FROM_FOUND, LOG_PRESETS, type LogPreset, presetRequest } from '../views/log-presets.js';
import { logsLines } from '../views/logs.js';
import { logHandlers } from './log-keys.js';
import type { Screen, ScreenTitle, Size, ViewContext } from './screen.js';
import { movePager, type TextTools, textHandlers } from './text-keys.js';

export interface LogScreenOptions {
  readonly namespace: string;
  readonly run: string;
  readonly attempt?: number | undefined;
  /** Where to begin, unless at the last lines. */
  readonly from?: LogPlace;
  readonly clock: Clock;
  /** A client that ends with the signal. */
  readonly connect: (signal: AbortSignal) => Promise<Api>;
  readonly onChange: () => void;
  readonly tools: TextTools;
  /** Looks for something in the whole log, also where it is not here. */
  readonly onSearch: (screen: LogScreen) => void;
}

export class LogScreen implements Screen {
  readonly crumb = 'logs';
  readonly scopes: readonly Scope[] = ['logs', 'text', 'list'];
  readonly queries = [];
  private readonly options: LogScreenOptions;
  private readonly view = new LogView(new LogBuffer());
  private abort = new AbortController();
  private preset: LogPreset;
  private state: string | undefined;
  private ended = false;
  private search = '';

  constructor(options: LogScreenOptions) {
    this.options = options;
    const [first] = LOG_PRESETS;
    if (first === undefined) throw new Error('there are no presets of logs');
    this.preset = options.from === undefined ? first : FROM_FOUND;
    this.begin();
  }

  get fullscreen(): boolean {
    return this.view.fullScreen;
  }

  get filterText(): string {
    return this.search;
  }

  set filterText(text: string) {
    this.search = text;
    this.view.search(text);
  }

  title(): ScreenTitle {
    const { namespace, run, attempt } = this.options;
    const name = `${namespace}/${run}${attempt === undefined ? '' : `, attempt ${attempt}`}`;
    return { name: 'Logs', place: name, filter: this.search || undefined, note: this.preset.title };
  }

  lines(size: Size, context: ViewContext): Line[] {
    const { view, state } = this;
    return logsLines({ view, empty: this.emptyWords(), ...(state === undefined ? {} : { state }) }, size, context);
  }

  private emptyWords(): string {
    const { sinceMs, title } = this.preset;
    if (sinceMs !== undefined) return `no output in the ${title}; <0> shows the ${LOG_PRESETS[0]?.title}`;
    return this.ended ? 'the run wrote nothing' : 'no output yet';
  }

  handle(row: KeyRow, key: string): void {
    if (row.scope === 'list') movePager(this.view, row.action);
    else if (row.scope === 'text') textHandlers[row.action as keyof typeof textHandlers](this.view, this.options.tools);
    else logHandlers[row.action as keyof typeof logHandlers](this, this.view, key);
  }

  scroll(rows: number): void {
    this.view.scroll(rows);
  }

  /** Reads another part of the log, from its beginning. */
  show(preset: LogPreset): void {
    this.preset = preset;
    this.begin();
  }

  searchAll(): void {
    this.options.onSearch(this);
  }

  /** When somebody wanted to find this place again. */
  markTime(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  close(): void {
    this.abort.abort(new Error('the log is not shown any more'));
  }

  private begin(): void {
    this.close();
    this.abort = new AbortController();
    this.state = undefined;
    this.ended = false;
    const buffer = new LogBuffer(this.preset.kept, this.options.attempt);
    this.view.show(buffer);
    void this.read(buffer, this.abort.signal);
  }

  private async read(buffer: LogBuffer, signal: AbortSignal): Promise<void> {
    const { namespace, run, attempt, from, clock, connect, onChange } = this.options;
    const part = presetRequest(this.preset, clock.now());
    const request: LogRequest = {
      namespace,
      run,
      follow: true,
      ...(attempt === undefined ? {} : { attempt }),
      ...part,
      ...(this.preset === FROM_FOUND && from !== undefined ? { from } : {}),
    };
    const tell = (state: string | undefined) => {
      this.state = state;
      onChange();
    };
    try {
      const pieces = readLog(await connect(signal), request, () => tell('disconnected, retrying'));
      for (;;) {
        const next = await pieces.next();
        if (signal.aborted) return;
        if (next.done) {
          buffer.finish();
          this.ended = next.value !== undefined;
          return tell(endState(next.value));
        }
        buffer.append(next.value);
        if (this.state !== undefined) this.state = undefined;
        onChange();
        if (buffer.full && this.preset.kept === 'first') {
          await pieces.return(undefined);
          return tell(`more follows; <0> shows the ${LOG_PRESETS[0]?.title}`);
        }
      }
    } catch (error) {
      if (!signal.aborted) tell(messageOf(error));
    }
  }
}

function endState(end: LogEnd | undefined): string | undefined {
  return end === undefined ? undefined : `ended: ${end.state}${endWords(end)}`;
}

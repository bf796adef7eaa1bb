// The whole screen: exactly as many lines as it has, each exactly as wide.
import type { Dialog } from '../navigation/dialog.js';
import type { Prompt } from '../navigation/prompt.js';
import type { Screen, Size, ViewContext } from '../navigation/screen.js';
import type { Flash } from '../state/flash.js';
import { fitLine, type Line } from '../text/line.js';
import { overlay } from '../text/overlay.js';
import { crumbLine, dialogKeysLine, flashLines, promptLine } from './bottom-line.js';
import { dialogLines } from './dialog-lines.js';
import { type HeaderModel, headerLines, placeSpans } from './header-lines.js';
import { titleLine } from './title-line.js';

export interface FrameModel {
  readonly screen: Screen;
  readonly crumbs: readonly string[];
  readonly header: HeaderModel;
  readonly showHeader: boolean;
  readonly showCrumbs: boolean;
  readonly staleSince: number | undefined;
  readonly prompt: Prompt | undefined;
  readonly dialog: Dialog | undefined;
  readonly flash: Flash | undefined;
}

export const LEAST: Size = { width: 40, height: 10 };
/** A lower terminal has no room for the header. */
const HEADER_FROM_HEIGHT = 24;

export function frameLines(model: FrameModel, size: Size, context: ViewContext): Line[] {
  const { width, height } = size;
  if (width < LEAST.width || height < LEAST.height) return tooSmall(size);
  const { screen, prompt, dialog, flash } = model;
  const whole = screen.fullscreen === true;
  const header =
    model.showHeader && !whole && height >= HEADER_FROM_HEIGHT
      ? headerLines(model.header, width, context.now, model.staleSince)
      : [];
  const bottom = prompt !== undefined || flash !== undefined || dialog !== undefined || (model.showCrumbs && !whole);
  const body: Size = { width, height: height - header.length - 1 - Number(bottom) };
  let lines = screen
    .lines(body, context)
    .slice(0, body.height)
    .map((line) => fitLine(line, width));
  while (lines.length < body.height) lines.push(fitLine([], width));
  if (dialog !== undefined) lines = overlay(lines, dialogLines(dialog, body, context.ascii), width);
  const place = header.length === 0 ? placeSpans(model.header) : [];
  const title = titleLine(screen.title(context), model.staleSince, width, context, {
    guarded: model.header.protected,
    place,
  });
  const frame = [...header, title, ...lines];
  return bottom ? withBottom(frame, model, size, { context, hidden: header.length === 0 }) : frame;
}

/** The last line, and for a long message as many more over the end of the screen as it takes. */
function withBottom(
  frame: readonly Line[],
  model: FrameModel,
  { width, height }: Size,
  { context, hidden }: { context: ViewContext; hidden: boolean },
): Line[] {
  const { screen, prompt, dialog, flash } = model;
  if (prompt !== undefined) return [...frame, promptLine(prompt, width)];
  const crumbs = model.showCrumbs && screen.fullscreen !== true ? model.crumbs : [];
  if (flash !== undefined) {
    const last = flashLines(crumbs, flash, width, context);
    return [...frame.slice(0, height - last.length), ...last];
  }
  if (dialog !== undefined) return [...frame, dialogKeysLine(dialog, width)];
  const position = screen.position;
  // Where no header says how to find the keys, this line does.
  return [...frame, crumbLine(crumbs, width, { position, help: hidden && screen.crumb !== 'help' })];
}

function tooSmall({ width, height }: Size): Line[] {
  const blank = fitLine([], width);
  const lines = Array.from({ length: height }, () => blank);
  const words = `terminal too small (${LEAST.width}x${LEAST.height} needed)`;
  if (height > 0) lines[Math.floor((height - 1) / 2)] = fitLine([{ text: words, meaning: 'warn' }], width);
  return lines;
}

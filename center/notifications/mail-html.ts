// The HTML of a mail. Mail programs know tables and styles in place; of a sheet of styles most read what is for dark screens and narrow
// ones, and nothing depends on it. No picture is loaded, nothing runs.
import type { Link } from './console-links.js';
import type { NewsWords } from './describe-news.js';
import type { Tone } from './event-words.js';
import { escapeHtml } from './plain-text.js';

/** Text on the light and on the dark page has a contrast of at least 4.5. */
const COLORS: Readonly<Record<Tone, { readonly ink: string; readonly dark: string }>> = {
  bad: { ink: '#b3261e', dark: '#ff8a80' },
  warn: { ink: '#8a5300', dark: '#ffb74d' },
  good: { ink: '#1b6e3a', dark: '#81c995' },
  plain: { ink: '#1a5fb4', dark: '#8ab4f8' },
};

const SHEET = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (max-width:480px){.page{padding:0!important}.card{border-left:0!important;border-right:0!important;border-radius:0!important}.in{padding:18px 16px!important}.name{width:92px!important}}
@media (prefers-color-scheme:dark){
.page{background:#15171a!important}.card{background:#1e2125!important;border-color:#34383d!important}
.ink{color:#e8eaed!important}.soft,.soft a{color:#a5abb3!important}.line{border-color:#34383d!important}
.pre{background:#121417!important;color:#e8eaed!important;border-color:#34383d!important}
.note{background:#2a2618!important;border-color:#ffb74d!important;color:#e8eaed!important}
.go{background:#8ab4f8!important;color:#10233f!important}.link{color:#8ab4f8!important}
${Object.entries(COLORS)
  .map(([tone, { dark }]) => `.${tone}{color:${dark}!important}.bar-${tone}{background:${dark}!important}`)
  .join('')}
}`.replaceAll('\n', '');

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;";
const PRE = `${MONO}font-size:12.5px;line-height:1.5;background:#f6f7f9;color:#1f2328;border:1px solid #e3e6ea;border-radius:6px;padding:10px 12px;margin:6px 0 0;white-space:pre-wrap;word-break:break-word;overflow-wrap:anywhere;`;

export interface Page {
  readonly heading: string;
  readonly tone: Tone;
  /** All of them, each a line, when there are several. */
  readonly all: readonly NewsWords[];
  /** Those that are told in full. */
  readonly full: readonly NewsWords[];
  readonly foot: MailFoot;
}

export interface MailFoot {
  readonly says: string;
  /** Where it stands who is told. */
  readonly page?: string;
}

export function htmlPage({ heading, tone, all, full, foot }: Page): string {
  const several = all.length > 1;
  const body = several
    ? `<h1 class="ink" style="${FONT}font-size:20px;line-height:1.3;margin:0 0 14px;color:#1f2328;">${escapeHtml(heading)}</h1>${list(all)}${full.map((one) => `<div class="line" style="border-top:1px solid #e3e6ea;margin:22px 0 20px;font-size:0;line-height:0;">&nbsp;</div>${part(one, 'h2')}`).join('')}`
    : full.map((one) => part(one, 'h1')).join('');
  const { page } = foot;
  const where = page === undefined ? '' : `: ${anchor({ label: 'change it', url: page }, 'color:#5b636c;')}`;
  // Shown behind the subject in lists of mails.
  const before = full[0]?.output.at(-1) ?? all[0]?.why ?? '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escapeHtml(heading)}</title><style>${SHEET}</style></head><body class="page" style="margin:0;padding:0;background:#eef0f3;"><div style="display:none;max-height:0;overflow:hidden;">${escapeHtml(before)}</div><table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#eef0f3;padding:20px 8px;"><tr><td align="center"><table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;background:#ffffff;border:1px solid #dde1e6;border-radius:10px;border-collapse:separate;overflow:hidden;table-layout:fixed;text-align:left;"><tr><td class="bar-${tone}" style="background:${COLORS[tone].ink};height:4px;font-size:0;line-height:0;">&nbsp;</td></tr><tr><td class="in ink" style="${FONT}font-size:14px;line-height:1.5;color:#1f2328;padding:22px 26px;">${body}</td></tr></table><table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;"><tr><td class="soft" align="left" style="${FONT}font-size:12px;line-height:1.5;color:#5b636c;padding:12px 26px 4px;">${escapeHtml(foot.says)}${where}</td></tr></table></td></tr></table></body></html>`;
}

/** What happened, when, each with its page. */
function list(all: readonly NewsWords[]): string {
  const rows = all.map(({ word, title, why, tone, time, links: [link] }) => {
    const what = escapeHtml(title.slice(word.length).trim());
    const name =
      link === undefined
        ? `<b>${what}</b>`
        : anchor({ ...link, label: what }, 'color:#1a5fb4;text-decoration:none;font-weight:600;');
    return `<tr><td class="line" style="border-top:1px solid #e3e6ea;padding:8px 0;overflow-wrap:anywhere;"><span class="${tone}" style="color:${COLORS[tone].ink};font-weight:600;">${escapeHtml(word)}</span> ${name}<br><span class="soft" style="color:#5b636c;font-size:13px;">${clock(time)} · ${escapeHtml(why)}</span></td></tr>`;
  });
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;table-layout:fixed;">${rows.join('')}</table>`;
}

/** `01-01 06:01 UTC`: the year is known. */
function clock(time: number): string {
  const date = new Date(time).toISOString();
  return `<span style="white-space:nowrap;">${date.slice(5, 10)} ${date.slice(11, 16)} UTC</span>`;
}

function part({ word, title, why, tone, facts, text, output, commands, links }: NewsWords, tag: 'h1' | 'h2'): string {
  const size = tag === 'h1' ? 20 : 17;
  const what = title.slice(word.length).trim();
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td class="soft name" style="width:118px;vertical-align:top;color:#5b636c;padding:3px 12px 3px 0;">${escapeHtml(name)}</td><td class="ink" style="vertical-align:top;color:#1f2328;padding:3px 0;overflow-wrap:anywhere;">${escapeHtml(value)}</td></tr>`,
  );
  return [
    `<div class="${tone}" style="${FONT}color:${COLORS[tone].ink};font-size:13px;font-weight:700;letter-spacing:.02em;">${escapeHtml(word)}</div>`,
    what === ''
      ? ''
      : `<${tag} class="ink" style="${FONT}font-size:${size}px;line-height:1.3;margin:2px 0 4px;color:#1f2328;overflow-wrap:anywhere;">${escapeHtml(what)}</${tag}>`,
    `<p class="ink" style="${FONT}font-size:15px;margin:0 0 14px;color:#1f2328;overflow-wrap:anywhere;">${escapeHtml(why)}</p>`,
    text === undefined
      ? ''
      : `<div class="note" style="background:#fff8e6;border-left:3px solid #d99a1c;color:#1f2328;padding:9px 12px;margin:0 0 14px;white-space:pre-wrap;overflow-wrap:anywhere;">${escapeHtml(text.trim())}</div>`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;table-layout:fixed;font-size:14px;">${rows.join('')}</table>`,
    block('Last lines of output', output),
    buttons(links),
    block('Look closer', commands, true),
  ].join('');
}

const anchor = ({ label, url }: Link, style: string): string =>
  `<a class="link" href="${escapeHtml(url)}" style="${style}">${escapeHtml(label)}</a>`;

function block(label: string, lines: readonly string[], commands = false): string {
  if (lines.length === 0) return '';
  const text = escapeHtml(lines.join('\n'));
  // An option stays with its value where a narrow screen breaks the line.
  const shown = commands ? text.replace(/-\S+ \S+/g, '<span style="white-space:nowrap;">$&</span>') : text;
  return `<div class="soft" style="${FONT}color:#5b636c;font-size:13px;margin-top:16px;">${label}</div><pre class="pre" style="${PRE}">${shown}</pre>`;
}

/** The first is what most will want. */
function buttons(links: readonly Link[]): string {
  const [first, ...others] = links;
  if (first === undefined) return '';
  const rest = others.map((link) =>
    anchor(link, 'color:#1a5fb4;text-decoration:none;font-weight:600;margin-left:18px;white-space:nowrap;'),
  );
  return `<div style="margin-top:18px;"><a class="go" href="${escapeHtml(first.url)}" style="display:inline-block;background:#1a5fb4;color:#ffffff;text-decoration:none;font-weight:600;border-radius:6px;padding:8px 16px;">${escapeHtml(first.label)}</a>${rest.join('')}</div>`;
}

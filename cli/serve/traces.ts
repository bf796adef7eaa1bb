// Traces are set up by the variables that OpenTelemetry has for it, as in other programs.
import type { Logger } from '../../base/index.js';
import type { CenterOptions } from '../../center/index.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where traces go; undefined when nobody wants them, or when what is set is of no use, which is said. */
export function tracesOf(env: Env, log: Logger): CenterOptions['traces'] {
  const endpoint = given(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const whole =
    given(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) ?? (endpoint && `${endpoint.replace(/\/+$/, '')}/v1/traces`);
  if (whole === undefined || !wanted(env)) return undefined;
  const protocol = given(env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) ?? given(env.OTEL_EXPORTER_OTLP_PROTOCOL);
  if (protocol === 'grpc' || !/^https?:/i.test(whole) || !URL.canParse(whole)) {
    log.warn(
      { endpoint: withoutPassword(whole), protocol },
      'no traces: they are sent by HTTP, to an http or https URL',
    );
    return undefined;
  }
  const headers = given(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) ?? given(env.OTEL_EXPORTER_OTLP_HEADERS) ?? '';
  return { ...addressOf(whole, headersOf(headers)), serviceName: given(env.OTEL_SERVICE_NAME) ?? 'cloudtask' };
}

/** fetch refuses a URL with a password and repeats it in its error: it goes in a header. */
function addressOf(whole: string, headers: Record<string, string>) {
  const url = new URL(whole);
  if (url.username === '' && url.password === '') return { url: whole, headers };
  const basic = Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64');
  url.username = '';
  url.password = '';
  return { url: url.href, headers: { authorization: `Basic ${basic}`, ...headers } };
}

/** Whether processes are told which trace they belong to. */
export function areTraced(env: Env): boolean {
  const endpoint = given(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) ?? given(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  return endpoint !== undefined && wanted(env);
}

function wanted(env: Env): boolean {
  return env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' && env.OTEL_TRACES_EXPORTER?.toLowerCase() !== 'none';
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** `name=value,name=value`, values as in URLs. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) return [];
    return [[pair.slice(0, at).trim().toLowerCase(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

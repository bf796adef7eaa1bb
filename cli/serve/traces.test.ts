import t from 'tap';
import { type LogFields, silentLogger } from '../../base/index.js';
import { areTraced, tracesOf } from './traces.js';

t.test('the variables of OpenTelemetry', async (t) => {
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  const url = 'http://collector:4318/v1/traces';
  const plain = { url, headers: {}, serviceName: 'cloudtask' };
  for (const [env, expected] of [
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
    [base, plain],
    [
      { ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t.example.com/x' },
      { ...plain, url: 'https://t.example.com/x' },
    ],
    [
      { ...base, OTEL_SERVICE_NAME: 'batch' },
      { ...plain, serviceName: 'batch' },
    ],
    [
      { ...base, OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a%20b, x=1=2,=no,broken' },
      { ...plain, headers: { 'api-key': 'a b', x: '1=2' } },
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:p%40ss@collector:4318' },
      { ...plain, headers: { authorization: 'Basic dTpwQHNz' } },
    ],
    [{ ...base, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    [{ ...base, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ] as const) {
    t.same(tracesOf(env, silentLogger), expected, JSON.stringify(env));
    t.equal(areTraced(env), expected !== undefined);
  }
});

t.test('what cannot be used is said, and keeps no center from starting', async (t) => {
  for (const env of [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:secret@c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[oops' },
  ]) {
    const said: LogFields[] = [];
    const log = { ...silentLogger, warn: (fields: LogFields) => void said.push(fields) };
    t.equal(tracesOf(env, log), undefined);
    t.equal(said.length, 1);
    t.notMatch(JSON.stringify(said), /secret/);
  }
});

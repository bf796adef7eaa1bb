import t from 'tap';
import { CloudTaskError, type ErrorCodeName, errorCodes } from '../base/index.js';
import { errorOfResponse } from './client/status.js';
import { exitCodes } from './exit-codes.js';
import { reportError, reportUsage } from './report-error.js';

const status = (code: number, reason: string, message: string, details?: object) =>
  errorOfResponse(
    code,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details }),
  );

t.test('what the server answers, as words and exit code (C-91, G-23)', async (t) => {
  const about = { name: 'x', group: 'cloudtask.dev', kind: 'tasks' };
  const cause = { reason: 'FieldValueInvalid', field: 'spec.timeout', message: 'spec.timeout: Invalid value: "x"' };
  const table: [CloudTaskError, string, number][] = [
    [
      status(404, 'NotFound', 'Task default/x: not found', about),
      'Error from server (NotFound): tasks.cloudtask.dev "x" not found',
      5,
    ],
    [
      status(409, 'AlreadyExists', 'Task default/x: already exists', about),
      'Error from server (AlreadyExists): tasks.cloudtask.dev "x" already exists',
      6,
    ],
    [
      status(409, 'Conflict', 'Task default/x: another task uses it', about),
      'Error from server (Conflict): tasks.cloudtask.dev "x": another task uses it',
      6,
    ],
    [status(409, 'Conflict', 'changed meanwhile'), 'Error from server (Conflict): changed meanwhile', 6],
    [
      status(401, 'Unauthorized', 'no token was sent'),
      "error: You must be logged in to the server (Unauthorized)\nhint: run 'ctask config view' to see which context is used",
      4,
    ],
    [status(403, 'Forbidden', 'may not'), 'Error from server (Forbidden): may not', 4],
    [status(400, 'BadRequest', 'bad selector'), 'Error from server (BadRequest): bad selector', 2],
    [
      status(422, 'Invalid', 'm', { ...about, causes: [cause] }),
      'The Task "x" is invalid: \n* spec.timeout: Invalid value: "x"',
      7,
    ],
    [
      status(400, 'BadRequest', 'm', { causes: [{ ...cause, reason: 'FieldUnknown' }] }),
      'The request is invalid: \n* spec.timeout: Invalid value: "x"',
      7,
    ],
    [status(503, 'ServiceUnavailable', 'starting'), 'Error from server (ServiceUnavailable): starting', 1],
    [status(504, 'Timeout', 'slow'), 'Error from server (Timeout): slow', 8],
    [status(500, 'InternalError', 'oops'), 'Error from server (InternalError): oops', 1],
    [status(418, 'Teapot', 'short and stout'), 'Error from server (Teapot): short and stout', 2],
  ];
  for (const [error, text, exit] of table) t.same(reportError(error), { text: `${text}\n`, exit }, text);
});

t.test('an answer that is no Status keeps its status code', async (t) => {
  const report = reportError(errorOfResponse(502, '<html>Bad Gateway</html>'));
  t.match(report, { text: /the server answered 502: <html>Bad Gateway/, exit: 1 });
});

t.test('errors of this program', async (t) => {
  const unreachable = (detail: string) => new CloudTaskError('CT_SERVER_UNREACHABLE', detail);
  t.same(reportError(unreachable('the connection to the server h:1 was refused'), { context: 'prod (from f)' }), {
    text: 'The connection to the server h:1 was refused - did you specify the right host or port?\ncontext: prod (from f)\n',
    exit: 9,
  });
  t.same(reportError(unreachable('cannot connect to the server h:1: getaddrinfo ENOTFOUND h')), {
    text: 'error: cannot connect to the server h:1: getaddrinfo ENOTFOUND h\n',
    exit: 9,
  });
  t.same(reportError(new Error('boom')), { text: 'error: boom\n', exit: 1 });
  t.equal(reportError(new Error('\u001b[2J')).text, 'error: ^[[2J\n');
});

t.test('stack traces only for debugging; JSON when asked for', async (t) => {
  t.notMatch(reportError(new Error('boom')).text, /at /);
  t.match(reportError(new Error('boom'), { debug: true }).text, / {4}at /);
  const json = JSON.parse(reportError(new CloudTaskError('CT_NOT_FOUND', 'gone'), { json: true }).text);
  t.match(json, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message: 'gone' });
});

t.test('usage', async (t) => {
  t.same(reportUsage({ message: 'unknown command "gte" for "ctask"', suggestion: 'get', command: 'ctask' }), {
    text: 'error: unknown command "gte" for "ctask"\n\nDid you mean this?\n\tget\nSee \'ctask -h\' for help and examples\n',
    exit: 2,
  });
});

t.test('every exit code that an error can have is in the table people read (G-23)', async (t) => {
  const told = new Set(exitCodes.map(({ code }) => code));
  for (const name of Object.keys(errorCodes) as ErrorCodeName[]) t.ok(told.has(String(errorCodes[name].exit)), name);
});

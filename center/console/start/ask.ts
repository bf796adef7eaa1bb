// The first script of a page: asks the center for what the page will need, and is done.
import { askFirst } from './answers.js';
import {
  LIST_ROWS,
  namespaceOf,
  PAGE_ROWS,
  pageOf,
  pageUrl,
  pathOf,
  rulesUrl,
  SESSION_PATH,
  tasksQuery,
  urlOf,
  wasSignedIn,
} from './queries.js';

const { pathname, search } = window.location;

askFirst(SESSION_PATH);
if (wasSignedIn()) {
  const parameters = new URLSearchParams(search);
  const namespace = namespaceOf(parameters);
  askFirst(rulesUrl(undefined));
  if (namespace !== undefined) askFirst(rulesUrl(namespace));
  if (pathname === '/console/tasks') {
    const { after } = pageOf(parameters);
    askFirst(pageUrl({ plural: 'tasks', ...tasksQuery(parameters, namespace), limit: PAGE_ROWS, after }));
    askFirst(urlOf(pathOf('clusters'), { limit: LIST_ROWS }));
  }
  askFirst(urlOf(pathOf('namespaces'), { limit: LIST_ROWS }));
}

// Puts the Markdown of `ctask diff -o markdown` under the change request, as one comment that is kept up to date.
// Usage: node ci/comment.mjs FILE, in a pipeline of GitHub or GitLab.
import { readFileSync } from 'node:fs';

/** The first line of the text: a comment that has it is ours. */
const MARK = '<!-- ctask-diff -->';
/** A change request with more comments than this gets a second one of ours. */
const PAGES_MAX = 10;
const PER_PAGE = 100;

const env = process.env;
const [file = 'diff.md'] = process.argv.slice(2);

function github() {
  const repository = `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues`;
  return {
    headers: { authorization: `Bearer ${env.GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
    comments: `${repository}/${env.PULL_REQUEST}/comments`,
    comment: (id) => `${repository}/comments/${id}`,
    update: 'PATCH',
  };
}

function gitlab() {
  const { CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, GITLAB_TOKEN } = env;
  const notes = `${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/merge_requests/${CI_MERGE_REQUEST_IID}/notes`;
  return {
    headers: { 'private-token': GITLAB_TOKEN },
    comments: notes,
    comment: (id) => `${notes}/${id}`,
    update: 'PUT',
  };
}

const forge = env.GITLAB_CI ? gitlab() : github();

async function request(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { ...forge.headers, 'content-type': 'application/json', 'user-agent': 'ctask' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return response.json();
}

async function ours() {
  for (let page = 1; page <= PAGES_MAX; page++) {
    const list = await request('GET', `${forge.comments}?per_page=${PER_PAGE}&page=${page}`);
    const found = list.find(({ body }) => body?.startsWith(MARK));
    if (found !== undefined || list.length < PER_PAGE) return found;
  }
  return undefined;
}

const body = readFileSync(file, 'utf8');
const comment = await ours();
if (comment === undefined) await request('POST', forge.comments, { body });
else if (comment.body !== body) await request(forge.update, forge.comment(comment.id), { body });

// What the first page needs of the center is asked for by a small script, while the browser still reads the large one; whoever asks
// for the same thing in the first moments is given that answer. Each is given once: it is as old as the page.

export interface FirstAnswer {
  readonly response: Response;
  /** The JSON of an answer that is 2xx. */
  readonly body: unknown;
}

interface Asked {
  readonly answer: Promise<FirstAnswer>;
  arrived?: FirstAnswer;
}

/** Later than this nobody takes an answer for that of now. */
const MOMENT_MS = 5000;

const asked = new Map<string, Asked>();

/** How every question of the console is sent. The session is a cookie that scripts cannot read. */
export const SENT: RequestInit = { credentials: 'same-origin', redirect: 'error', cache: 'no-store' };

export function askFirst(url: string): void {
  const answer = fetch(url, SENT).then(async (response) => ({
    response,
    body: response.ok ? ((await response.json()) as unknown) : undefined,
  }));
  const one: Asked = { answer };
  asked.set(url, one);
  answer.then(
    (arrived) => {
      one.arrived = arrived;
    },
    () => asked.delete(url), // whoever needs it asks again, and tells what is wrong
  );
}

/** The answer to a question that was sent first, once it is there; undefined for any other. */
export function firstAnswer(url: string): Promise<FirstAnswer> | undefined {
  const one = take(url);
  return one?.answer;
}

/** What that answer says, if it is there already; undefined leaves it to whoever waits for it. */
export function firstBody(url: string): unknown {
  return asked.get(url)?.arrived?.response.ok === true ? take(url)?.arrived?.body : undefined;
}

/** Resolves when all of them are there, and after `ms` at the latest. */
export async function firstAnswers(ms: number): Promise<void> {
  const all = Promise.allSettled([...asked.values()].map(({ answer }) => answer));
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, ms))]);
}

/** What somebody else was told, or what was so before something was written, is no answer. */
export function forgetFirst(): void {
  asked.clear();
}

function take(url: string): Asked | undefined {
  const one = asked.get(url);
  asked.delete(url);
  return performance.now() < MOMENT_MS ? one : undefined;
}

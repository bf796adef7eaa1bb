import { errorOfFetch } from './api-error.js';

/**
 * The lines of an answer that stays open. A line that the connection cut off is not told.
 * @param idleMs without a byte for this long the connection counts as dead; the center sends something every 30 s.
 * Throws ApiError with status 0 then.
 */
export async function* linesOf(response: Response, idleMs?: number): AsyncGenerator<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await (idleMs === undefined ? reader.read() : inTime(reader.read(), idleMs));
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') yield line;
    }
  } catch (cause) {
    throw errorOfFetch(cause);
  } finally {
    reader.cancel().catch(() => undefined); // the connection may be gone already
  }
}

function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TypeError('silence')), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

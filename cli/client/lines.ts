import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type Clock, CloudTaskError } from '../../base/index.js';

/** A line of JSON longer than this is not one of ours: objects and log pieces are far smaller. */
const LINE_MAX_CHARS = 32 * 1024 * 1024;

/**
 * Lines of a stream, without their ends; a last line without one is dropped, since it was cut off. Ends quietly when
 * the stream ends; throws when it breaks, and CT_TIMEOUT when nothing came for `idleMs` (the connection is dead).
 */
export async function* linesOf(stream: Readable, clock: Clock, idleMs: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let idle = false;
  const onIdle = () => {
    idle = true;
    stream.destroy();
  };
  let timer = clock.timerAfter(idleMs, onIdle);
  try {
    for await (const chunk of stream) {
      timer.cancel();
      rest += decoder.write(chunk as Buffer);
      let start = 0;
      for (let end = rest.indexOf('\n', start); end !== -1; end = rest.indexOf('\n', start)) {
        if (end > start) yield rest.slice(start, end);
        start = end + 1;
      }
      rest = rest.slice(start);
      if (rest.length > LINE_MAX_CHARS) throw new CloudTaskError('CT_TOO_LARGE', 'a line of the answer is too long');
      // Armed only while waiting for the network: the consumer may take its time with a line.
      timer = clock.timerAfter(idleMs, onIdle);
    }
  } catch (error) {
    if (idle) throw new CloudTaskError('CT_TIMEOUT', `nothing came for ${idleMs} ms`);
    throw error;
  } finally {
    timer.cancel();
    stream.destroy();
  }
  if (idle) throw new CloudTaskError('CT_TIMEOUT', `nothing came for ${idleMs} ms`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a center that was started as people do proves to coordination who it is with. */
export function coordinationAuth(dataDir: string): { scheme: string; credential: Uint8Array }[] {
  const secret = readFileSync(join(dataDir, 'coordination.secret'), 'utf8').trim();
  return [{ scheme: 'digest', credential: Buffer.from(`ctask:${secret}`) }];
}

// node:crypto for simulated processes: what is random comes from the seed.
import { kernel } from '../kernel.js';

// No simulated process has certificates; the names are there for those who could.
export {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  scrypt,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';

export function randomBytes(length: number): Buffer {
  return kernel().random.bytes(length);
}

export function randomUUID(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** From 0 to below `max`. */
export function randomInt(max: number): number {
  return randomBytes(6).readUIntBE(0, 6) % max;
}

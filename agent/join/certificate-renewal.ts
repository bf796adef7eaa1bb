import { generateKeyPairSync } from 'node:crypto';
import { Backoff, type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import type { AgentCertificate } from '../../manifests/index.js';
import type { CenterClient } from '../center-client/center-client.js';
import { certificateRequest } from './certificate-request.js';
import type { ClientCertificate } from './client-certificate.js';

/** Of the life of a certificate: the rest is for centers that are away. */
const RENEW_AT = 2 / 3;
/** Of its life as well: a clock that is wrong must not make an agent ask all the time. */
const PAUSE = 1 / 20;
const RETRY = { initialMs: 1000, maxMs: 600_000 };

/** Gets another certificate, for another key, while the one before it is good. */
export class CertificateRenewal {
  private readonly certificate: ClientCertificate;
  private readonly client: CenterClient;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly backoff = new Backoff(RETRY);
  private readonly ended = new AbortController();
  private timer: Timer | undefined;
  private working: Promise<void> | undefined;

  constructor(options: { certificate: ClientCertificate; client: CenterClient; clock: Clock; log: Logger }) {
    this.certificate = options.certificate;
    this.client = options.client;
    this.clock = options.clock;
    this.log = options.log;
  }

  start(): void {
    this.plan(0);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.timer?.cancel();
    await this.working;
  }

  /** `pause`: share of the life of a certificate that passes before it is renewed in any case. */
  private plan(pause: number): void {
    const { begins, expires } = this.certificate;
    const life = expires - begins;
    const at = Math.max(begins + life * RENEW_AT, this.clock.now() + life * pause);
    this.timer = this.clock.timerAt(at, () => {
      this.working = this.renew();
    });
  }

  private async renew(): Promise<void> {
    const { signal } = this.ended;
    try {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const request = await certificateRequest(privateKey);
      const reply = await this.client.sendJson<AgentCertificate>('POST', 'certificate', { request }, signal);
      await this.certificate.replace(key, reply.certificate);
      this.client.reconnect();
      this.backoff.reset();
      this.log.info({ expires: new Date(this.certificate.expires).toISOString() }, 'the certificate was renewed');
      if (!signal.aborted) this.plan(PAUSE);
    } catch (error) {
      if (signal.aborted) return;
      const expires = new Date(this.certificate.expires).toISOString();
      this.log.warn({ err: messageOf(error), expires }, 'the certificate could not be renewed yet');
      this.timer = this.clock.timerAfter(this.backoff.next(), () => {
        this.working = this.renew();
      });
    }
  }
}

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** PEM files of a certificate of a DNS name, signed by itself; needs openssl. */
export function certificate(directory: string, name: string, file = name): { cert: string; key: string } {
  const [cert, key] = [join(directory, `${file}.crt`), join(directory, `${file}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...what, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}

/** Why tests that need certificates cannot run; false when they can. */
export function noCertificates(): string | false {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'openssl is not installed here: TLS is not checked';
  }
}

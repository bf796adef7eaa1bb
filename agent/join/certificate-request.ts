// A request for a certificate (PKCS #10, RFC 2986): the key and the proof that its sender has it. The center decides about names.
import { createPublicKey, type KeyObject, sign } from 'node:crypto';

const EC_WITH_SHA256 = '1.2.840.10045.4.3.2';
const LINE_CHARS = 64;

/** PEM. `key`: on P-256. The library is loaded here, since an agent asks once in weeks. */
export async function certificateRequest(key: KeyObject): Promise<string> {
  const { AsnConvert } = await import('@peculiar/asn1-schema');
  const { AlgorithmIdentifier, Name, SubjectPublicKeyInfo } = await import('@peculiar/asn1-x509');
  const { Attributes, CertificationRequest, CertificationRequestInfo } = await import('@peculiar/asn1-csr');
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name(),
    subjectPKInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    attributes: new Attributes(),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(info)), key);
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: EC_WITH_SHA256 }),
    signature: new Uint8Array(signature).buffer,
  });
  const base64 = Buffer.from(AsnConvert.serialize(request)).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}

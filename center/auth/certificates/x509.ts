// Certificates of X.509 (RFC 5280), as far as a center makes any. Node's crypto signs; the library only knows the structures.
import { createHash, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { isIP } from 'node:net';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { CloudTaskError } from '../../../base/index.js';

const ATTRIBUTES = { commonName: '2.5.4.3', serialNumber: '2.5.4.5', organization: '2.5.4.10' } as const;
const SERIAL_BYTES = 16;

export type Subject = Partial<Record<keyof typeof ATTRIBUTES, string>>;

export interface CertificateWish {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  /** Wall time, ms; certificates know whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly use: 'authority' | 'server' | 'client';
  /** DNS names and addresses of a server. */
  readonly names?: readonly string[];
}

export interface Issuer {
  /** DER; absent for a certificate that signs itself. */
  readonly certificate?: Uint8Array;
  readonly key: KeyObject;
}

/** PEM. Throws CT_CONFIG_INVALID for an issuer whose key is of another kind than EC and RSA. */
export function issueCertificate(wish: CertificateWish, { certificate, key }: Issuer): string {
  const own = certificate === undefined ? undefined : AsnConvert.parse(certificate, Certificate).tbsCertificate;
  const algorithm = signatureAlgorithm(key);
  const subject = nameOf(wish.subject);
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x3f) | 0x40; // positive, and always as long
  const spki = spkiOf(wish.publicKey);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytes(serial),
    signature: algorithm,
    issuer: own?.subject ?? subject,
    validity: new Validity({ notBefore: instant(wish.notBefore), notAfter: instant(wish.notAfter) }),
    subject,
    subjectPublicKeyInfo: spki,
    extensions: new Extensions(extensionsOf(wish, keyIdentifier(spki), keyIdentifierOf(own))),
  });
  const signed = Buffer.from(AsnConvert.serialize(tbs));
  const signature = sign('sha256', signed, key);
  const made = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: algorithm,
    signatureValue: bytes(signature),
  });
  return pemOf('CERTIFICATE', Buffer.from(AsnConvert.serialize(made)));
}

/** The key of a request (PKCS #10, PEM) whose sender has it. Throws CT_BAD_REQUEST. */
export function keyOfRequest(pem: string): KeyObject {
  const bad = (why: string, cause?: unknown) =>
    new CloudTaskError('CT_BAD_REQUEST', { detail: `the certificate request ${why}`, cause });
  const base64 = /^-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
    pem,
  );
  if (base64 === null) throw bad('is not PEM');
  let key: KeyObject;
  let valid: boolean;
  try {
    const request = AsnConvert.parse(Buffer.from(base64[1]!, 'base64'), CertificationRequest);
    const { certificationRequestInfo: info, certificationRequestInfoRaw: raw, signature } = request;
    const der = Buffer.from(AsnConvert.serialize(info.subjectPKInfo));
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const signed = Buffer.from(raw ?? AsnConvert.serialize(info));
    valid = key.asymmetricKeyType === 'ec' && verify('sha256', signed, key, Buffer.from(signature));
  } catch (cause) {
    throw bad('cannot be read', cause);
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw bad('has another key than one on P-256');
  if (!valid) throw bad('is not signed with its key');
  return key;
}

function extensionsOf(wish: CertificateWish, own: KeyIdentifier, issuer: KeyIdentifier | undefined): Extension[] {
  const { use, names = [] } = wish;
  const isAuthority = use === 'authority';
  const usage = isAuthority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature;
  const purposes = { authority: [], server: [id_kp_serverAuth], client: [id_kp_clientAuth] }[use];
  const list = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: isAuthority }), true),
    extension(id_ce_keyUsage, new KeyUsage(usage), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(own)),
  ];
  if (issuer !== undefined) {
    list.push(extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: issuer })));
  }
  if (purposes.length > 0) list.push(extension(id_ce_extKeyUsage, new ExtendedKeyUsage(purposes)));
  if (names.length > 0) {
    const general = names.map((name) => new GeneralName(isIP(name) === 0 ? { dNSName: name } : { iPAddress: name }));
    list.push(extension(id_ce_subjectAltName, new SubjectAlternativeName(general)));
  }
  return list;
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function nameOf(subject: Subject): Name {
  return new Name(
    Object.entries(subject).map(([attribute, text]) => {
      const type = ATTRIBUTES[attribute as keyof typeof ATTRIBUTES];
      const value = new AttributeValue({ utf8String: text });
      return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]);
    }),
  );
}

function spkiOf(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);
}

/** Method 1 of RFC 5280, 4.2.1.2: a name for a key, of which nothing depends on SHA-1 being strong. */
function keyIdentifier(spki: SubjectPublicKeyInfo): KeyIdentifier {
  return new KeyIdentifier(bytes(createHash('sha1').update(Buffer.from(spki.subjectPublicKey)).digest()));
}

/** What the issuer calls its key; undefined when it does not say. */
function keyIdentifierOf(issuer: TBSCertificate | undefined): KeyIdentifier | undefined {
  const found = issuer?.extensions?.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  return found && AsnConvert.parse(found.extnValue.buffer, SubjectKeyIdentifier);
}

function signatureAlgorithm({ asymmetricKeyType: type }: KeyObject): AlgorithmIdentifier {
  if (type === 'ec') return new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
  if (type === 'rsa') return new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.11', parameters: null });
  throw new CloudTaskError('CT_CONFIG_INVALID', `the key of the authority is of kind ${type}; EC and RSA can be used`);
}

function instant(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

function bytes(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

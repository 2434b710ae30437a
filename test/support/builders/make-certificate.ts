/** Self-signed certificates (X.509 v3, RFC 5280, section 4.1): Node reads them and makes none. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface MadeCertificate {
  readonly pem: string;
  readonly privateKey: KeyObject;
}

interface CertificateFacts {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BIT_STRING = 0x03;

/** Object identifiers, as DER writes them: sha256WithRSAEncryption with its NULL, and commonName. */
const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const VERSION_3 = Buffer.from('a003020102', 'hex');
const SERIAL_1 = Buffer.from('020101', 'hex');

export function makeCertificate({ commonName, notBefore, notAfter }: CertificateFacts): MadeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(commonName)))));
  const validity = der(SEQUENCE, derTime(notBefore), derTime(notAfter));
  const publicKeyInfo = publicKey.export({ format: 'der', type: 'spki' });
  const toBeSigned = der(SEQUENCE, VERSION_3, SERIAL_1, SHA256_WITH_RSA, name, validity, name, publicKeyInfo);
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const base64 = der(SEQUENCE, toBeSigned, SHA256_WITH_RSA, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    privateKey,
  };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

/** YYYYMMDDHHMMSSZ */
function derTime(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  return der(GENERALIZED_TIME, Buffer.from(`${digits}Z`));
}

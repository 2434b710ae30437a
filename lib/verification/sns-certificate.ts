/** Whether a certificate is one that Amazon SNS signs with, by where it is and what it says. */
import { X509Certificate } from 'node:crypto';

const SNS_HOST = /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?$/;

/** SNS's API answers on the same hosts: without a path of their own, certificates could be had from a query. */
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[A-Za-z0-9-]{1,64}\.pem$/;

/** Most regions, regions that are opted into, GovCloud and China have names of their own. */
const SNS_COMMON_NAME =
  /^(?:sns\.amazonaws\.com|sns-signing\.[a-z0-9-]{1,40}\.amazonaws\.com|sns-(?:us-gov|cn)-[a-z0-9-]{1,40}\.amazonaws\.com)(?:\.cn)?$/;

export function isSnsUrl(text: string): boolean {
  return snsUrl(text) !== null;
}

export function isSnsCertificateUrl(text: string): boolean {
  const url = snsUrl(text);
  return url !== null && CERTIFICATE_PATH.test(url.pathname) && url.search === '';
}

function snsUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain = url.port === '' && url.username === '' && url.password === '' && url.hash === '';
  return url.protocol === 'https:' && SNS_HOST.test(url.hostname) && isPlain ? url : null;
}

/** Return null if the text is not an SNS certificate, or if it is not valid at that time. */
export function readSnsCertificate(pem: string, nowEpochMs: number): X509Certificate | null {
  const certificate = parseCertificate(pem);
  if (certificate === null) return null;
  const names = certificate.subject.split('\n').filter((line) => line.startsWith('CN='));
  const isSns = names.length === 1 && SNS_COMMON_NAME.test(names[0]?.slice('CN='.length) ?? '');
  const isValid =
    Date.parse(certificate.validFrom) <= nowEpochMs && nowEpochMs <= Date.parse(certificate.validTo);
  return isSns && isValid && certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : null;
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

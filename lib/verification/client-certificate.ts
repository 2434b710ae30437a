/**
 * Mutual TLS: API Gateway checks the certificate against the trust store of its custom domain, and says whose it
 * was. The API's own execute-api host asks for none, so a request that came through it has none and is refused.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */
import type { ClientCertificate, Verification } from './verification.ts';

/** `subjects` null: whoever the trust store trusts. */
export function verifyClientCertificate(
  certificate: ClientCertificate | null,
  subjects: readonly string[] | null,
): Verification {
  if (certificate === null) {
    return {
      kind: 'refused',
      status: 403,
      code: 'client-certificate-missing',
      detail: 'Send the request to the domain that asks for a client certificate, with one.',
    };
  }
  const { subjectDn } = certificate;
  if (subjects === null || subjects.includes(subjectDn)) return { kind: 'verified', caller: subjectDn };
  return {
    kind: 'refused',
    status: 403,
    code: 'client-certificate-not-allowed',
    detail: 'The subject of the client certificate is not one of those that may send events here.',
  };
}

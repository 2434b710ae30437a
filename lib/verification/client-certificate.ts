/**
 * Mutual TLS: API Gateway checks the certificate against the trust store of its custom domain, and passes its subject
 * on. The API's own execute-api host asks for no certificate, so a request that came through it is rejected.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */
import { rejectRequest, type ClientCertificate, type Verification } from './verification.ts';

/** With `subjects` null, accept any certificate that the trust store accepts. */
export function verifyClientCertificate(
  certificate: ClientCertificate | null,
  subjects: readonly string[] | null,
): Verification {
  if (certificate === null) {
    return rejectRequest(
      'client-certificate-missing',
      'Send the request to the domain that asks for a client certificate, with one.',
    );
  }
  const { subjectDn } = certificate;
  if (subjects === null || subjects.includes(subjectDn)) return { kind: 'verified', caller: subjectDn };
  return rejectRequest(
    'client-certificate-not-allowed',
    'The subject of the client certificate is not one of those that may send events here.',
  );
}

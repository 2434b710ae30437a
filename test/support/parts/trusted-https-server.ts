/** An HTTPS server on loopback with a certificate that this process trusts from then on. */
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificate, type MadeCertificate } from '../builders/make-certificate.ts';

export interface TrustedHttpsServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const DAY_MS = 86_400_000;

/** One for all servers of this process: a store of certificates finds only the first of those with one name. */
let trusted: MadeCertificate | undefined;

function trustNewCertificate(): MadeCertificate {
  const certificate = makeCertificate({
    commonName: 'localhost',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
  });
  setDefaultCACertificates([...getCACertificates('default'), certificate.pem]);
  return certificate;
}

export async function startTrustedHttpsServer(listener: RequestListener): Promise<TrustedHttpsServer> {
  const { pem, privateKey } = (trusted ??= trustNewCertificate());
  const server = createServer(
    { cert: pem, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) },
    listener,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a TCP port');
  let isOpen = true;
  return {
    url: `https://localhost:${address.port}`,
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      server.closeAllConnections();
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

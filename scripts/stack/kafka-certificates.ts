/** Creates a throw-away CA and a server certificate for 127.0.0.1 with openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KafkaCertificates {
  /** The CA certificate for clients, in PEM. */
  readonly caPem: string;
  /** An unencrypted PKCS #8 key and the chain in one file, as Kafka's PEM keystore expects. */
  readonly keystoreFile: string;
}

export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

/** Create the files in an existing folder. */
export function makeKafkaCertificates(folder: string): KafkaCertificates {
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...newKey, '-subj', '/CN=Sluice test CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...newKey, '-subj', '/CN=127.0.0.1', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-extfile', 'names', '-out', 'server.crt'],
  );
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'server.key', '-out', 'server.p8');
  const keystoreFile = join(folder, 'keystore.pem');
  const parts = ['server.p8', 'server.crt', 'ca.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
  writeFileSync(keystoreFile, parts.join(''));
  return { caPem: readFileSync(join(folder, 'ca.pem'), 'utf8'), keystoreFile };
}

/** Compile `endpoint`. */
import type { CompiledEndpoint, CompiledMutualTls } from '../../compiled-config/compiled.ts';
import type { EndpointConfiguration } from './model.ts';

type MutualTlsConfiguration = NonNullable<EndpointConfiguration['domains'][string]['mutualTls']>;

export function compileEndpoint(endpoint: EndpointConfiguration): CompiledEndpoint {
  const { domains, disableExecuteApiEndpoint } = endpoint;
  return {
    domains: Object.entries(domains).map(([name, { certificate, mutualTls }]) => ({
      name,
      certificateArn: certificate,
      mutualTls: mutualTls === undefined ? null : compileMutualTls(mutualTls),
    })),
    disableExecuteApiEndpoint,
  };
}

function compileMutualTls(mutualTls: MutualTlsConfiguration): CompiledMutualTls {
  const { truststore, truststoreVersion, ownershipCertificate } = mutualTls;
  const [, bucketName = '', objectKey = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(truststore) ?? [];
  return {
    bucketName,
    objectKey,
    objectVersion: truststoreVersion ?? null,
    ownershipCertificateArn: ownershipCertificate ?? null,
  };
}

/** `endpoint`: the domains of the endpoint that all HTTP sources share, and mutual TLS. */
import { z } from 'zod';
import { describeValue, quote } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`, 'u');

const domainName = textScalar(
  (text) =>
    DOMAIN.test(text) && text.length <= 253
      ? text
      : new InvalidValue(
          'invalid-domain-name',
          `the name ${quote(text)}`,
          'write a whole domain name in lower case, for example events.example.com',
        ),
  { title: 'Domain name', pattern: '^[a-z0-9.-]+$' },
);

const certificateArn = textScalar(
  (text) =>
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-certificate-arn',
          describeValue(text),
          'write the ARN of the certificate: arn:aws:acm:<region>:<account>:certificate/<id>',
        ),
  { title: 'ARN of a certificate in ACM', pattern: '^arn:aws[a-z-]*:acm:' },
);

const truststore = textScalar(
  (text) =>
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s]{1,1024}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-truststore',
          describeValue(text),
          'write its S3 URI, for example s3://example-trust/clients.pem',
        ),
  { title: 'Object in S3', pattern: '^s3://', examples: ['s3://example-trust/clients.pem'] },
);

const mutualTlsModel = strictMap(
  {
    truststore: truststore.describe(
      'Certificates of the authorities that issue client certificates, in PEM.',
    ),
    truststoreVersion: textScalar(
      (text) =>
        /^\S{1,1024}$/.test(text)
          ? text
          : new InvalidValue(
              'invalid-truststore',
              describeValue(text),
              'write the version id that S3 gave to the object',
            ),
      { title: 'Version in S3', maxLength: 1024 },
    )
      .optional()
      .describe(
        'The version of the object. Without it a changed trust store goes unnoticed: API Gateway reads it when the domain is created or changed.',
      ),
    ownershipCertificate: certificateArn
      .optional()
      .describe(
        'A public certificate of ACM for the same name. Mandatory where `certificate` was imported or comes from a private CA (API Gateway).',
      ),
  },
  'Mutual TLS: clients of this domain have to present a certificate that the trust store accepts.',
);

const domainModel = strictMap(
  {
    certificate: certificateArn.describe(
      'The certificate of the domain, in ACM, in the region of the stack.',
    ),
    mutualTls: mutualTlsModel
      .optional()
      .describe('Requires client certificates, which `verify: { scheme: mtls }` needs.'),
  },
  'A custom domain of the endpoint. You manage its DNS: point the name to the output of the stack.',
);

export const endpointModel = strictMap(
  {
    domains: z.record(domainName, domainModel).prefault({}).describe('Custom domains, keyed by name.'),
    disableExecuteApiEndpoint: z
      .boolean()
      .prefault(false)
      .describe(
        "Turns API Gateway's own address off, so that the endpoint is reachable through the domains only.",
      ),
  },
  'The HTTPS endpoint of all HTTP sources.',
).prefault({});

export type EndpointConfiguration = z.output<typeof endpointModel>;

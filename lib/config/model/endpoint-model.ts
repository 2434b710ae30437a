/** The endpoint that all HTTP sources share: which domains lead to it, and whom they ask for a certificate. */
import { z } from 'zod';
import { describeFound, quote } from '../found-value.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`, 'u');

const domainName = textLeaf(
  (text) =>
    DOMAIN.test(text) && text.length <= 253
      ? text
      : new Refusal(
          'invalid-domain-name',
          `the name ${quote(text)}`,
          'write a whole domain name in lower case, for example events.example.com',
        ),
  { title: 'Domain name', pattern: '^[a-z0-9.-]+$' },
);

const certificateArn = textLeaf(
  (text) =>
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/.test(text)
      ? text
      : new Refusal(
          'invalid-certificate-arn',
          describeFound(text),
          'write the ARN of the certificate: arn:aws:acm:<region>:<account>:certificate/<id>',
        ),
  { title: 'ARN of a certificate in ACM', pattern: '^arn:aws[a-z-]*:acm:' },
);

const truststore = textLeaf(
  (text) =>
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s]{1,1024}$/.test(text)
      ? text
      : new Refusal(
          'invalid-truststore',
          describeFound(text),
          'write where it is in S3, for example s3://example-trust/clients.pem',
        ),
  { title: 'Object in S3', pattern: '^s3://', examples: ['s3://example-trust/clients.pem'] },
);

const mutualTlsModel = strictMap(
  {
    truststore: truststore.describe(
      'The certificates of the authorities that clients are trusted by, in PEM.',
    ),
    truststoreVersion: textLeaf(
      (text) =>
        /^\S{1,1024}$/.test(text)
          ? text
          : new Refusal(
              'invalid-truststore',
              describeFound(text),
              'write the version id that S3 gave to the object',
            ),
      { title: 'Version in S3', maxLength: 1024 },
    )
      .optional()
      .describe(
        'The version of the object. Without it a changed trust store is not seen: API Gateway reads it when the domain is made or changed.',
      ),
    ownershipCertificate: certificateArn
      .optional()
      .describe(
        'A public certificate of ACM for the same name. Mandatory where `certificate` was imported or is of a private CA (API Gateway).',
      ),
  },
  'Mutual TLS: whoever comes through this domain has to show a certificate that the trust store trusts.',
);

const domainModel = strictMap(
  {
    certificate: certificateArn.describe(
      'The certificate of the domain, in ACM, in the region of the stack.',
    ),
    mutualTls: mutualTlsModel
      .optional()
      .describe('Clients have to show a certificate, too: what `verify: { scheme: mtls }` needs.'),
  },
  'A domain of yours that leads to the endpoint. DNS is yours: point the name to the output of the stack.',
);

export const endpointModel = strictMap(
  {
    domains: z.record(domainName, domainModel).prefault({}).describe('Domains of yours, by their name.'),
    disableExecuteApiEndpoint: z
      .boolean()
      .prefault(false)
      .describe("Turns API Gateway's own address off, so that the domains are the only ways in."),
  },
  'The HTTPS endpoint of all HTTP sources.',
).prefault({});

export type EndpointConfiguration = z.output<typeof endpointModel>;

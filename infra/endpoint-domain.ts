/** A domain of the user's that leads to the endpoint, and asks for client certificates where it should. */
import {
  ApiMapping,
  DomainName,
  SecurityPolicy,
  type HttpApi,
  type HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { CompiledDomain } from '../lib/compiled-config/compiled.ts';

export interface EndpointDomainProps {
  readonly domain: CompiledDomain;
  readonly api: HttpApi;
  readonly stage: HttpStage;
}

export class EndpointDomain extends Construct {
  readonly name: string;
  readonly asksForCertificates: boolean;
  /** Where DNS has to point the name to; its `regionalHostedZoneId` is for an alias in Route 53. */
  readonly domainName: DomainName;

  constructor(scope: Construct, id: string, props: EndpointDomainProps) {
    super(scope, id);
    const { domain, api, stage } = props;
    const { name, certificateArn, mutualTls } = domain;
    this.name = name;
    this.asksForCertificates = mutualTls !== null;
    this.domainName = new DomainName(this, 'Domain', {
      domainName: name,
      securityPolicy: SecurityPolicy.TLS_1_2,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      ...(mutualTls !== null && {
        mtls: {
          bucket: Bucket.fromBucketName(this, 'Truststore', mutualTls.bucketName),
          key: mutualTls.objectKey,
          ...(mutualTls.objectVersion !== null && { version: mutualTls.objectVersion }),
        },
        ...(mutualTls.ownershipCertificateArn !== null && {
          ownershipCertificate: Certificate.fromCertificateArn(
            this,
            'OwnershipCertificate',
            mutualTls.ownershipCertificateArn,
          ),
        }),
      }),
    });
    // Without a key of its own: that would be in front of every path, and the function compares the whole path.
    new ApiMapping(this, 'Mapping', { api, domainName: this.domainName, stage });
  }
}

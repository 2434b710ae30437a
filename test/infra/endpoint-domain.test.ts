import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { CompiledEndpoint, CompiledMutualTls } from '../../lib/compiled-config/compiled.ts';
import { makeCompiledConfig, makeHttpSource } from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/one';
const truststore: CompiledMutualTls = {
  bucketName: 'example-trust',
  objectKey: 'clients.pem',
  objectVersion: 'v1',
  ownershipCertificateArn: null,
};
const plain = { name: 'events.example.com', certificateArn, mutualTls: null };
const mutual = { name: 'mtls.example.com', certificateArn, mutualTls: truststore };

const sources = [
  makeHttpSource({ name: 'hook', path: '/hook' }),
  makeHttpSource({ name: 'machine', path: '/machine', verify: { scheme: 'mtls', subjects: null } }),
];

function templateOf(endpoint: Partial<CompiledEndpoint>): Template {
  const config = makeCompiledConfig(sources, {
    endpoint: { domains: [], disableExecuteApiEndpoint: false, ...endpoint },
  });
  return synthesizeStack({ config }).template;
}

function urlsOf(endpoint: Partial<CompiledEndpoint>): readonly unknown[] {
  const outputs: Readonly<Record<string, { readonly Value?: unknown }>> =
    templateOf(endpoint).findOutputs('*');
  return ['HookEndpoint', 'MachineEndpoint'].map((name) => outputs[name]?.Value);
}

describe('a domain', () => {
  it('leads to the stage of the endpoint, every path as it is', () => {
    const template = templateOf({ domains: [plain] });
    template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      DomainName: 'events.example.com',
      DomainNameConfigurations: [
        { CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
      MutualTlsAuthentication: Match.absent(),
    });
    const [mapping] = propertiesOf(template, 'AWS::ApiGatewayV2::ApiMapping');
    expect(mapping).toEqual({
      ApiId: { Ref: expect.stringMatching(/Api/) as string },
      DomainName: { Ref: expect.stringMatching(/^EndpointDomains/) as string },
      Stage: '$default',
    });
    template.hasOutput('EventsExampleComTarget', {
      Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^EndpointDomains'), 'RegionalDomainName'] },
    });
  });

  it('with mutual TLS asks for certificates that the trust store trusts', () => {
    templateOf({ domains: [mutual] }).hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
      MutualTlsAuthentication: { TruststoreUri: 's3://example-trust/clients.pem', TruststoreVersion: 'v1' },
    });
    const unversioned = {
      ...truststore,
      objectVersion: null,
      ownershipCertificateArn: `${certificateArn}-2`,
    };
    templateOf({ domains: [{ ...mutual, mutualTls: unversioned }] }).hasResourceProperties(
      'AWS::ApiGatewayV2::DomainName',
      {
        DomainNameConfigurations: [
          Match.objectLike({ OwnershipVerificationCertificateArn: `${certificateArn}-2` }),
        ],
        MutualTlsAuthentication: {
          TruststoreUri: 's3://example-trust/clients.pem',
          TruststoreVersion: Match.absent(),
        },
      },
    );
  });

  it('is made for an endpoint only', () => {
    const { template } = synthesizeStack({
      config: makeCompiledConfig([], { endpoint: { domains: [plain], disableExecuteApiEndpoint: false } }),
    });
    template.resourceCountIs('AWS::ApiGatewayV2::DomainName', 0);
  });
});

describe("API Gateway's own address", () => {
  it.each([true, false])('is off where the configuration says so: %s', (disableExecuteApiEndpoint) => {
    templateOf({ domains: [plain], disableExecuteApiEndpoint }).hasResourceProperties(
      'AWS::ApiGatewayV2::Api',
      { DisableExecuteApiEndpoint: disableExecuteApiEndpoint },
    );
  });
});

describe('the URL that a provider is given', () => {
  const hook = 'https://events.example.com/hook';
  const machine = 'https://mtls.example.com/machine';
  const ownAddress = {
    'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/Api/) as string, 'ApiEndpoint'] }, '/hook']],
  };

  it('is the domain that asks for a certificate if it has one, and another one if not', () => {
    expect(urlsOf({ domains: [mutual, plain] })).toEqual([hook, machine]);
    expect(urlsOf({ domains: [plain, mutual], disableExecuteApiEndpoint: true })).toEqual([hook, machine]);
  });

  it("is API Gateway's own address where no domain is for it, unless that is off", () => {
    expect(urlsOf({ domains: [mutual] })).toEqual([ownAddress, machine]);
    expect(urlsOf({ domains: [mutual], disableExecuteApiEndpoint: true })).toEqual([
      'https://mtls.example.com/hook',
      machine,
    ]);
  });
});

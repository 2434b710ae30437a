/** What the function may do to look schemas up. */
import { Stack, Token, Validations } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { CompiledSchemaRegistry } from '../lib/compiled-config/compiled.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export function grantRegistryAccess(fn: PipelineFunction, registry: CompiledSchemaRegistry): void {
  switch (registry.kind) {
    case 'confluent':
      if (registry.authSecret !== null) fn.bindSecretRead(registry.authSecret);
      return;
    case 'glue':
      grantGlueSchemas(fn, registry.region);
      return;
  }
}

/** A record names the version of its schema by an id alone: neither registry nor schema is known beforehand. */
function grantGlueSchemas(fn: PipelineFunction, region: string): void {
  const { partition, account } = Stack.of(fn);
  const arns = (ofPartition: string, ofAccount: string): string[] =>
    ['registry', 'schema'].map((kind) => `arn:${ofPartition}:glue:${region}:${ofAccount}:${kind}/*`);
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['glue:GetSchemaVersion'],
    resourceArns: arns(partition, account),
  });
  // cdk-nag puts the names of pseudo parameters in the place of what is known at deployment only.
  const known = (value: string, name: string): string => (Token.isUnresolved(value) ? `<${name}>` : value);
  for (const arn of arns(known(partition, 'AWS::Partition'), known(account, 'AWS::AccountId'))) {
    Validations.of(fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason:
        'A record names the version of its schema by an id alone, so the schema and its registry are not known ' +
        'beforehand. Reading schemas of this account and region is all that is allowed.',
    });
  }
}

/** Grants a function what it needs to look up schemas in its registry. */
import { Validations } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { CompiledSchemaRegistry } from '../lib/compiled-config/compiled.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export function grantRegistryAccess(fn: PipelineFunction, registry: CompiledSchemaRegistry): void {
  switch (registry.kind) {
    case 'confluent':
      if (registry.authSecret !== null) fn.bindSecretRead(registry.authSecret);
      return;
    case 'glue':
      grantGlueSchemas(fn);
      return;
  }
}

/**
 * A record names its schema by a version id alone, and AWS Glue authorizes such a request against `*`: a role that is
 * limited to registries and schemas is refused.
 * https://docs.aws.amazon.com/glue/latest/dg/schema-registry-gs.html, "IAM examples for deserializers"
 */
function grantGlueSchemas(fn: PipelineFunction): void {
  Grant.addToPrincipal({ grantee: fn, actions: ['glue:GetSchemaVersion'], resourceArns: ['*'] });
  Validations.of(fn).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS Glue authorizes a request by schema version id against * only; the action reads schemas.',
  });
}

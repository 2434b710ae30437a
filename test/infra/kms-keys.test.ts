/**
 * Customer managed keys. An emulator decrypts everything; on AWS a function without `kms:Decrypt` reads nothing.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, "Setting up execution role permissions"
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html, "Permissions for the KMS key"
 */
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements } from '../support/parts/template-queries.ts';

const key = (id: string): string => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;

const yaml = `
prefect:
  apiUrl: https://prefect.example.com/api
  auth: { secret: sluice/prefect, kmsKey: "${key('prefect')}" }
sources:
  hook: { type: http, path: /hook, verify: { scheme: github, secret: sluice/hook, kmsKey: "${key('hook')}" } }
  jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs", kmsKey: "${key('jobs')}" }
  orders:
    type: kafka
    bootstrapServers: ['b1.example.com:9096']
    auth: none
    rootCa: { secret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ca-a1B2c3", kmsKey: "${key('ca')}" }
    topics: [orders]
    format: avro
    schemaRegistry: { type: confluent, url: https://registry.example.com, secret: sluice/registry, kmsKey: "${key('registry')}" }
routes:
  process: { from: [hook, jobs, orders], run: { deployment: process/prod } }
`;

function keysOf(template: Template, logicalId: RegExp): readonly string[] {
  return allowStatements(template, logicalId)
    .filter(({ actions }) => actions.includes('kms:Decrypt'))
    .flatMap(({ resources }) => resources.map((arn) => arn.replace(/^.*key\//, '')))
    .sort();
}

describe('a customer managed key', () => {
  const loaded = loadConfigText(yaml, 'sluice.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { wholeTemplate } = synthesizeStack({ config: loaded.config });

  it.each([
    [/hookIngest/, ['hook']],
    [/hookConsumer/, ['prefect']],
    [/jobsConsumer/, ['jobs', 'prefect']],
    [/ordersTrigger/, ['ca', 'prefect', 'registry']],
    [/^Reconciler/, ['prefect']],
  ] as const)('is granted to the role %s that reads what it encrypts, and to no other', (role, keys) => {
    expect(keysOf(wholeTemplate, role)).toEqual(keys);
  });

  it('is not among what the functions read: the compiled source holds the name of the secret alone', () => {
    expect(loaded.config.sources['hook']).not.toHaveProperty('verify.kmsKey');
  });
});

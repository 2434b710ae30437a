/** Cross-field rules for the cluster of a Kafka source, and for how Lambda may authenticate to it. */
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';
import type { Valid } from '../valid-parts.ts';
import type { KafkaSourceConfiguration } from './model.ts';

type ValidKafka = Valid<KafkaSourceConfiguration>;

/** Lambda authenticates to MSK by these, by IAM or not at all, but not by PLAIN, SCRAM-SHA-256 or OAuth. */
const MSK_SCHEMES: readonly string[] = ['scram-512', 'mtls'];
const COMPLETE_SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;

export function clusterRules(kafka: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const isMsk = kafka.cluster !== undefined;
  const isSelfManaged = kafka.bootstrapServers !== undefined;
  if (isMsk === isSelfManaged) return [clusterChoice(isMsk, at)];
  return [...secretArnRules(kafka, at), ...(isMsk ? mskRules(kafka, at) : selfManagedRules(kafka, at))];
}

/** The id of a serverless cluster ends in `-s` and a number. */
export function isServerless(clusterArn: string): boolean {
  return /-s\d+$/.test(clusterArn);
}

function clusterChoice(hasBoth: boolean, at: ProblemPath): ConfigIssue {
  return {
    code: 'kafka-cluster-choice',
    at: hasBoth ? [...at, 'bootstrapServers'] : at,
    anchor: 'key',
    found: hasBoth ? 'bootstrapServers beside cluster' : 'neither cluster nor bootstrapServers',
    fix: hasBoth
      ? 'remove one of them: Lambda finds the brokers of an MSK cluster itself'
      : 'add cluster: <ARN of an MSK cluster>, or bootstrapServers: [<host:port>, …] of any other cluster',
  };
}

function mskRules(kafka: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const { cluster, auth } = kafka;
  const issues: ConfigIssue[] = (['rootCa', 'vpc'] as const)
    .filter((field) => kafka[field] !== undefined)
    .map((field) => ({
      code: 'self-managed-only',
      at: [...at, field],
      anchor: 'key',
      found: `${field} beside an MSK cluster`,
      fix:
        field === 'vpc'
          ? 'remove it: Lambda connects from the subnets and with the security groups of the cluster'
          : "remove it: Lambda trusts the certificates of MSK's brokers",
    }));
  if (auth === null) return issues;
  if (typeof cluster === 'string' && isServerless(cluster) && auth !== 'iam') {
    issues.push({
      code: 'serverless-needs-iam',
      at: [...at, 'auth'],
      anchor: 'value',
      found: `${authText(auth)} for a serverless cluster`,
      fix: 'write auth: iam, the only one that MSK Serverless accepts',
    });
    return issues;
  }
  if (typeof auth === 'string') return issues;
  if (!MSK_SCHEMES.includes(auth.scheme)) {
    issues.push({
      code: 'auth-not-on-msk',
      at: [...at, 'auth', 'scheme'],
      anchor: 'value',
      found: `${auth.scheme} for an MSK cluster`,
      fix: 'write scram-512 or mtls, or auth: iam',
    });
  } else if (auth.scheme === 'scram-512' && auth.secret !== null) {
    const [, secretName] = COMPLETE_SECRET_ARN.exec(auth.secret) ?? [];
    if (secretName !== undefined && !secretName.startsWith('AmazonMSK_')) {
      issues.push({
        code: 'msk-secret-name',
        at: [...at, 'auth', 'secret'],
        anchor: 'value',
        found: `a secret called ${secretName}`,
        fix: 'create one whose name starts with AmazonMSK_, under a customer managed key, and associate it with the cluster',
      });
    } else if (auth.kmsKey === undefined) {
      issues.push({
        code: 'msk-secret-key',
        at: [...at, 'auth', 'secret'],
        anchor: 'value',
        found: 'a secret without the key that encrypts it',
        fix: 'add kmsKey: <its ARN>, unless the policy of the key already lets the function decrypt',
      });
    }
  }
  return issues;
}

function selfManagedRules({ auth }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (auth !== 'iam') return [];
  return [
    {
      code: 'iam-needs-msk',
      at: [...at, 'auth'],
      anchor: 'value',
      found: 'iam for a self-managed cluster',
      fix: 'name the MSK cluster by its ARN under cluster; or, to reach it by these servers, write auth: { scheme: iam, cluster: <its ARN> }',
    },
  ];
}

/** The mapping takes secrets by ARN only. The found value is not repeated: it may be a pasted secret. */
function secretArnRules({ auth, rootCa }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const authSecret =
    auth === null || typeof auth === 'string' || !('secret' in auth) ? undefined : auth.secret;
  const rootCaSecret = rootCa?.secret;
  const secrets: readonly (readonly [string, string | null | undefined])[] = [
    ['auth', authSecret],
    ['rootCa', rootCaSecret],
  ];
  return secrets.flatMap(([field, secret]): ConfigIssue[] => {
    if (secret === null || secret === undefined || COMPLETE_SECRET_ARN.test(secret)) return [];
    return [
      {
        code: 'secret-needs-arn',
        at: [...at, field, 'secret'],
        anchor: 'value',
        found: 'a text that is not the complete ARN of a secret',
        fix: 'write the whole ARN as Secrets Manager shows it, with the hyphen and six characters at its end',
      },
    ];
  });
}

function authText(auth: string | { readonly scheme: string }): string {
  return typeof auth === 'string' ? `auth: ${auth}` : auth.scheme;
}

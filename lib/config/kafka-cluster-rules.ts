/** Which cluster a Kafka source reads, and how Lambda may authenticate there. */
import type { ConfigIssue, ProblemPath } from './problem.ts';
import type { SoundKafka } from './sound-kafka.ts';

/** Lambda authenticates to MSK by these, and by TLS or not at all: no PLAIN and no SCRAM-SHA-256. */
const SCHEMES_OF_MSK: readonly string[] = ['scram-512', 'mtls'];
const COMPLETE_SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;

export function kafkaClusterRules(kafka: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  const isMsk = kafka.has('cluster');
  const isSelfManaged = kafka.has('bootstrapServers');
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
      : 'add cluster: <ARN of an MSK cluster>, or bootstrapServers: [<host:port>, …] of any other',
  };
}

function mskRules(kafka: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  const { cluster, auth } = kafka;
  const findings: ConfigIssue[] = (['rootCa', 'vpc'] as const)
    .filter((field) => kafka.has(field))
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
  if (auth === null) return findings;
  if (typeof cluster === 'string' && isServerless(cluster) && auth !== 'iam') {
    findings.push({
      code: 'serverless-needs-iam',
      at: [...at, 'auth'],
      anchor: 'value',
      found: `${authText(auth)} for a serverless cluster`,
      fix: 'write auth: iam, which is all that MSK Serverless knows',
    });
    return findings;
  }
  if (typeof auth === 'string') return findings;
  if (!SCHEMES_OF_MSK.includes(auth.scheme)) {
    findings.push({
      code: 'auth-not-on-msk',
      at: [...at, 'auth', 'scheme'],
      anchor: 'value',
      found: `${auth.scheme} for an MSK cluster`,
      fix: 'write scram-512 or mtls, or auth: iam',
    });
  } else if (auth.scheme === 'scram-512') {
    const [, secretName] = COMPLETE_SECRET_ARN.exec(auth.secret) ?? [];
    if (secretName !== undefined && !secretName.startsWith('AmazonMSK_')) {
      findings.push({
        code: 'msk-secret-name',
        at: [...at, 'auth', 'secret'],
        anchor: 'value',
        found: `a secret called ${secretName}`,
        fix: 'make one whose name starts with AmazonMSK_, under a key of your own, and associate it with the cluster',
      });
    } else if (auth.kmsKey === undefined) {
      findings.push({
        code: 'msk-secret-key',
        at: [...at, 'auth', 'secret'],
        anchor: 'value',
        found: 'a secret and not the key that encrypts it',
        fix: 'add kmsKey: <its ARN>, unless the policy of the key lets the function decrypt already',
      });
    }
  }
  return findings;
}

function selfManagedRules({ auth }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (auth !== 'iam') return [];
  return [
    {
      code: 'iam-needs-msk',
      at: [...at, 'auth'],
      anchor: 'value',
      found: 'iam for a self-managed cluster',
      fix: 'write { scheme: scram-512, secret: … }, plain, scram-256 or mtls, or name an MSK cluster by its ARN',
    },
  ];
}

/** The pollers are given secrets by ARN, and the permission ends where the name ends. */
function secretArnRules({ auth, rootCaSecret }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  const authSecret = auth === null || typeof auth === 'string' ? undefined : auth.secret;
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
        found: secret,
        fix: 'write the whole ARN as Secrets Manager shows it, with the hyphen and six characters at its end',
      },
    ];
  });
}

function authText(auth: NonNullable<SoundKafka['auth']>): string {
  return typeof auth === 'string' ? `auth: ${auth}` : auth.scheme;
}

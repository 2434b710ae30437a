/** How a client connects to a cluster, in the terms of a Kafka source of Sluice. */
import type { BaseOptions } from '@platformatic/kafka';

/** Plain data, so that it can be passed to another process. */
export interface KafkaConnection {
  readonly bootstrapServers: readonly string[];
  readonly auth: KafkaAuth;
  readonly tls: { readonly caPem: string } | null;
}

export type KafkaAuth =
  | { readonly scheme: 'none' }
  | {
      readonly scheme: 'plain' | 'scram-256' | 'scram-512';
      readonly username: string;
      readonly password: string;
    };

const MECHANISM = {
  'plain': 'PLAIN',
  'scram-256': 'SCRAM-SHA-256',
  'scram-512': 'SCRAM-SHA-512',
} as const;

export function plaintextConnection(bootstrapServer: string): KafkaConnection {
  return { bootstrapServers: [bootstrapServer], auth: { scheme: 'none' }, tls: null };
}

/** The options that all clients of `@platformatic/kafka` accept. */
export function clientOptions(
  { bootstrapServers, auth, tls }: KafkaConnection,
  clientId: string,
): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    connectTimeout: 2_000,
    retryDelay: 200,
    ...(tls !== null && { tls: { ca: tls.caPem } }),
    ...(auth.scheme !== 'none' && {
      sasl: { mechanism: MECHANISM[auth.scheme], username: auth.username, password: auth.password },
    }),
  };
}

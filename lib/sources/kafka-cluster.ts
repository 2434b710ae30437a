/** The name of a Kafka cluster: a part of the identity of its events. */
import type { CompiledKafkaCluster } from '../compiled-config/compiled.ts';

export function clusterNameOf(cluster: CompiledKafkaCluster): string {
  return cluster.kind === 'msk' ? cluster.clusterArn : sortedServers(cluster.bootstrapServers);
}

/** The same whatever the order in which the brokers are listed. */
export function sortedServers(servers: readonly string[]): string {
  return servers
    .map((server) => server.trim())
    .toSorted()
    .join(',');
}

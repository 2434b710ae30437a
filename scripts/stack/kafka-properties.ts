/** The configuration of a small KRaft node that is broker and controller, on loopback. */

export interface KafkaPorts {
  readonly plaintext: number;
  readonly saslPlaintext: number;
  readonly saslSsl: number;
  readonly controller: number;
}

export interface KafkaPropertiesTerms {
  readonly ports: KafkaPorts;
  readonly dataFolder: string;
  readonly keystoreFile: string;
  readonly plainUser: { readonly username: string; readonly password: string };
}

/** Render a `server.properties` file. */
export function kafkaProperties({
  ports,
  dataFolder,
  keystoreFile,
  plainUser,
}: KafkaPropertiesTerms): string {
  const listeners = [
    `PLAINTEXT://127.0.0.1:${String(ports.plaintext)}`,
    `SASL_PLAINTEXT://127.0.0.1:${String(ports.saslPlaintext)}`,
    `SASL_SSL://127.0.0.1:${String(ports.saslSsl)}`,
  ];
  const controller = `127.0.0.1:${String(ports.controller)}`;
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': controller,
    'listeners': [...listeners, `CONTROLLER://${controller}`].join(','),
    'advertised.listeners': listeners.join(','),
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'log.dirs': dataFolder,
    'auto.create.topics.enable': false,
    'log.segment.bytes': 16_777_216,
    'log.cleaner.dedupe.buffer.size': 10_485_760,
    // Accept records that are too large for one invocation, for tests.
    'message.max.bytes': 16_777_216,
    // Notice a killed poller quickly.
    'group.min.session.timeout.ms': 1_000,
    'group.initial.rebalance.delay.ms': 0,
    // One node: internal topics have one replica and few partitions.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 2,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 2,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'background.threads': 2,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...saslProperties('sasl_plaintext', plainUser),
    ...saslProperties('sasl_ssl', plainUser),
    'listener.name.sasl_ssl.ssl.keystore.type': 'PEM',
    'listener.name.sasl_ssl.ssl.keystore.location': keystoreFile,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');
}

/** Users of SCRAM are in the storage, the user of PLAIN is in the configuration. */
function saslProperties(
  listener: string,
  { username, password }: KafkaPropertiesTerms['plainUser'],
): Readonly<Record<string, string>> {
  const security = 'org.apache.kafka.common.security';
  const prefix = `listener.name.${listener}`;
  return {
    [`${prefix}.plain.sasl.jaas.config`]: `${security}.plain.PlainLoginModule required user_${username}="${password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
  };
}

import type { KafkaListeners } from '../../../scripts/stack/kafka-broker.ts';
import type { E2eDeployment } from './e2e-deployment.ts';
import type { EverySourceDeployment } from './every-source-deployment.ts';

/** What the global set-ups hand to the tests, which take it with `inject('prefectApiUrl')` and so on. */
declare module 'vitest' {
  interface ProvidedContext {
    /** A Prefect server, with the trailing `/api`. */
    prefectApiUrl: string;
    /** The same on Postgres; null where Postgres is not installed. */
    prefectPostgresApiUrl: string | null;
    /** The work pool whose runs are executed; end-to-end tests only. */
    prefectWorkPool: string;
    /** Stops and starts the Prefect server; null where it is not ours. End-to-end tests only. */
    prefectControlUrl: string | null;
    /** The app, deployed; end-to-end tests only. */
    e2eDeployment: E2eDeployment;
    /** Another one, with a source for each kind of sender; end-to-end tests only. */
    everySourceDeployment: EverySourceDeployment;
    /** For `AWS_ENDPOINT_URL`: the AWS emulator. */
    awsEndpointUrl: string;
    /** DynamoDB Local; null where there is no JDK. */
    dynamodbLocalUrl: string | null;
    /** `host:port` of a Kafka broker without a login; null where there is no JDK, Maven or openssl. */
    kafkaBootstrapServers: string | null;
    /** The broker's other listeners; null where it is not ours. */
    kafkaListeners: KafkaListeners | null;
    /** A schema registry with Confluent's API; null where there is no JDK or Maven. */
    schemaRegistryUrl: string | null;
  }
}

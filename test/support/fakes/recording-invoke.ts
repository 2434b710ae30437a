/** A function that keeps what it is invoked with and answers as it is told to. */
import type { Invoke, InvokeResult } from '../../../scripts/kafka/invoke.ts';
import type { LambdaKafkaEvent, LambdaKafkaRecord } from '../../../scripts/kafka/lambda-event.ts';

export interface RecordingInvoke {
  readonly invoke: Invoke;
  readonly events: readonly LambdaKafkaEvent[];
  /** Of all events, in their order. */
  readonly records: () => readonly LambdaKafkaRecord[];
}

const SUCCESS: InvokeResult = { kind: 'succeeded', payload: null };

export function recordingInvoke(
  answer: (event: LambdaKafkaEvent) => InvokeResult = () => SUCCESS,
): RecordingInvoke {
  const events: LambdaKafkaEvent[] = [];
  return {
    // Through its JSON text, as Lambda hands it over.
    invoke: (event) => {
      const received = JSON.parse(JSON.stringify(event)) as LambdaKafkaEvent;
      events.push(received);
      return Promise.resolve(answer(received));
    },
    events,
    records: () => events.flatMap(recordsOf),
  };
}

export function recordsOf({ records }: LambdaKafkaEvent): readonly LambdaKafkaRecord[] {
  return Object.values(records).flat();
}

export function valueText({ value }: LambdaKafkaRecord): string {
  return Buffer.from(value ?? '', 'base64').toString('utf8');
}

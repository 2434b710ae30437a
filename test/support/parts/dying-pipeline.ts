/**
 * A program: one invocation that dies (SIGKILL) when its flow run is created, before the record is written. What it is
 * told comes as JSON in the first argument.
 */
import { runPipeline } from '../../../lib/pipeline.ts';
import { PLENTY_OF_TIME, sqsRecord } from '../builders/pipeline-parts.ts';
import { realPipeline, type RealPipelineTerms } from './real-pipeline.ts';

export interface DyingPipelineTerms {
  readonly pipeline: RealPipelineTerms;
  readonly ids: readonly string[];
}

const { pipeline: terms, ids } = JSON.parse(process.argv[2] ?? '') as DyingPipelineTerms;
const pipeline = realPipeline(terms);
const records = {
  readRecords: pipeline.ports.records.readRecords.bind(pipeline.ports.records),
  writeRecords: (): never => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('still alive after SIGKILL');
  },
};
await runPipeline(
  ids.map((id) => sqsRecord(`message-${id}`, JSON.stringify({ id }))),
  { ...pipeline, ports: { ...pipeline.ports, records } },
  PLENTY_OF_TIME,
);

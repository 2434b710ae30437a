/** Renders the results as tables. */
import type { FirstInvoke, Measurement } from './measurement.ts';

export interface ContenderSummary extends FirstInvoke {
  readonly bundleKib: number;
}

export function costTable(measurements: readonly Measurement[]): string {
  const cpuOf = (name: Measurement['contender'], { batchSize, duplicatePercent }: Measurement) =>
    measurements.find(
      (one) =>
        one.contender === name && one.batchSize === batchSize && one.duplicatePercent === duplicatePercent,
    )?.cpuMicrosecondsPerEvent;
  return table(
    [
      'batch',
      'duplicates',
      'contender',
      'DynamoDB req/event',
      'write units/event',
      'Prefect req/event',
      'CPU µs/event',
      '× floor',
      '× powertools',
    ],
    measurements.map((one) => [
      String(one.batchSize),
      `${one.duplicatePercent} %`,
      one.contender,
      one.dynamodbRequestsPerEvent.toFixed(3),
      one.writeUnitsPerEvent.toFixed(3),
      one.prefectRequestsPerEvent.toFixed(3),
      one.cpuMicrosecondsPerEvent.toFixed(0),
      ratio(one.cpuMicrosecondsPerEvent, cpuOf('floor', one)),
      ratio(one.cpuMicrosecondsPerEvent, cpuOf('powertools', one)),
    ]),
  );
}

export function startTable(summaries: readonly ContenderSummary[]): string {
  return table(
    ['contender', 'bundle KiB', 'first invoke ms', 'loads undici'],
    summaries.map((one) => [
      one.contender,
      one.bundleKib.toFixed(0),
      one.firstInvokeMs.toFixed(1),
      one.loadsUndici ? 'yes' : 'no',
    ]),
  );
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined ? '–' : (value / base).toFixed(2);
}

/** Align columns of text to the left, and columns of numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((series) => series[column]?.length ?? 0)));
  return lines
    .map((series) =>
      series
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return /^[\d–]/.test(rows[0]?.[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Prints one line for each step, with the seconds since the start. */
export type ReportProgress = (step: string) => void;

export function startReporting(): ReportProgress {
  const startedAtMs = performance.now();
  return (step) => {
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(`${seconds.padStart(6)} s  ${step}`);
  };
}

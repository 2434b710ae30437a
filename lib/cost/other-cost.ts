/** What secrets, keys, overflowing parameters and requests to Prefect Cloud cost. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { countText, gigabytesText, type CostItem } from './cost-item.ts';
import { MAX_PARAMETER_BYTES, PARAMETER_BYTES_SHARE, PREFECT_REQUEST_BYTES } from './measured.ts';
import { BYTES_PER_GB, DAYS_PER_MONTH, PRICES } from './prices.ts';
import type { RouteLoad, SourceLoad } from './traffic.ts';

export function secretCost(config: CompiledConfig): readonly CostItem[] {
  const secrets = secretsOf(config);
  const keys = new Set(keysOf(config));
  const { perSecretMonth } = PRICES.secretsManager;
  const { perKeyMonth } = PRICES.kms;
  return [
    ...(secrets.size === 0
      ? []
      : [constant('Secrets Manager', 'secrets', secrets.size * perSecretMonth, `${secrets.size}, yours`)]),
    ...(keys.size === 0
      ? []
      : [constant('KMS', 'customer managed keys', keys.size * perKeyMonth, `${keys.size}, yours`)]),
  ];
}

function constant(service: CostItem['service'], item: string, dollars: number, basis: string): CostItem {
  return { service, item, idleDollars: dollars, loadDollars: dollars, basis };
}

/** Every secret that the configuration names, whatever reads it. */
function secretsOf({ prefect, sources }: CompiledConfig): ReadonlySet<string> {
  return new Set([
    ...(prefect.authSecret === null ? [] : [prefect.authSecret]),
    ...collect(sources, /^(?:secret|rootCaSecret|authSecret)$/),
  ]);
}

function keysOf({ sources, secretKeyArns = {} }: CompiledConfig): readonly string[] {
  return [...Object.values(secretKeyArns), ...collect(sources, /^kmsKeyArn$/)];
}

function collect(value: unknown, field: RegExp): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    field.test(key) && typeof inner === 'string' ? [inner] : collect(inner, field),
  );
}

/** Parameters beyond what Prefect takes, where a route stores them; elsewhere batches are split. */
export function overflowCost(
  { overflow }: CompiledConfig,
  loads: readonly SourceLoad[],
): readonly CostItem[] {
  const stored = runsOf(loads).filter(
    ({ load, bytes }) => load.route.run.overflow === 's3' && bytes > MAX_PARAMETER_BYTES,
  );
  const objects = stored.reduce((sum, { load }) => sum + load.runsPerMonth, 0);
  if (objects === 0) return [];
  const bytes = stored.reduce((sum, each) => sum + each.load.runsPerMonth * each.bytes, 0);
  const kept = (bytes / BYTES_PER_GB) * (overflow.retentionDays / DAYS_PER_MONTH);
  const { perPut, perGet, perStoredGbMonth } = PRICES.s3;
  return [
    {
      service: 'S3',
      item: 'overflow',
      idleDollars: 0,
      loadDollars: objects * (perPut + perGet) + kept * perStoredGbMonth,
      basis: `${countText(objects)} objects, ${gigabytesText(kept)} kept for ${overflow.retentionDays} days`,
    },
  ];
}

/** Prefect Cloud is on the internet. Where another server is, the configuration does not say. */
export function transferCost(config: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  if (!isPrefectCloud(config)) return [];
  const gigabytes = prefectGigabytes(loads);
  return [
    {
      service: 'Data transfer',
      item: 'to Prefect Cloud',
      idleDollars: 0,
      loadDollars: gigabytes * PRICES.dataTransfer.perGbToInternet,
      basis: gigabytesText(gigabytes),
    },
  ];
}

export function isPrefectCloud({ prefect }: CompiledConfig): boolean {
  return URL.parse(prefect.apiUrl)?.hostname === 'api.prefect.cloud';
}

export function prefectGigabytes(loads: readonly SourceLoad[]): number {
  const bytes = runsOf(loads).reduce(
    (sum, each) =>
      sum + each.load.runsPerMonth * (PREFECT_REQUEST_BYTES + Math.min(MAX_PARAMETER_BYTES, each.bytes)),
    0,
  );
  return bytes / BYTES_PER_GB;
}

function runsOf(
  loads: readonly SourceLoad[],
): readonly { readonly load: RouteLoad; readonly bytes: number }[] {
  return loads.flatMap(({ routes, eventBytes }) =>
    routes.map((load) => ({ load, bytes: load.eventsPerRun * eventBytes * PARAMETER_BYTES_SHARE })),
  );
}

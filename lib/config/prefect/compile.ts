/** Compile `prefect`. */
import type { CompiledPrefect } from '../../compiled-config/compiled.ts';
import type { PrefectConfiguration } from './model.ts';

export function compilePrefect({
  apiUrl,
  auth,
  headers,
  requestTimeout,
}: PrefectConfiguration): CompiledPrefect {
  return {
    apiUrl,
    authSecret: auth === 'none' ? null : auth.secret,
    headers,
    requestTimeoutMs: requestTimeout,
  };
}

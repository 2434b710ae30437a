/** Compile `prefect`. */
import type { CompiledPrefect } from '../../compiled-config/compiled.ts';
import { compileBudget } from './budget.ts';
import type { PrefectConfiguration } from './model.ts';

export function compilePrefect({
  apiUrl,
  auth,
  headers,
  requestTimeout,
  budget,
}: PrefectConfiguration): CompiledPrefect {
  return {
    apiUrl,
    authSecret: auth === 'none' ? null : auth.secret,
    headers,
    requestTimeoutMs: requestTimeout,
    ...compileBudget(apiUrl, budget),
  };
}

/**
 * Cross-field rules: references, and combinations that AWS, Prefect or the guarantee of Sluice do not allow. They see
 * the valid parts only.
 */
import type { Configuration } from './configuration-model.ts';
import { tableRules } from './deployment/table-rules.ts';
import { endpointRules } from './endpoint/rules.ts';
import { eventBridgeRules } from './eventbridge/rules.ts';
import { filterRules } from './filter-criteria.ts';
import type { ConfigIssue } from './issues/config-issue.ts';
import { consumerGroupRules, kafkaRules } from './kafka/rules.ts';
import { orderRules } from './order.ts';
import { overflowRules } from './overflow.ts';
import { prefectRules, requestTimeoutRule } from './prefect/rules.ts';
import { queueRules } from './queue.ts';
import { respondRules } from './respond.ts';
import { retentionRules } from './retention/rules.ts';
import { eventTypeRules } from './routes/event-type-rules.ts';
import { headerRules } from './routes/header-rules.ts';
import { routeRules } from './routes/rules.ts';
import { passedHeaderRules } from './sources/passed-headers.ts';
import { uniqueSourceRules, unreadSourceRules } from './sources/rules.ts';
import type { SourceConfiguration } from './sources/model.ts';
import { namedParts, type Named, type Valid } from './valid-parts.ts';
import { handshakeRules } from './verify/handshake.ts';
import { verifyRules } from './verify/rules.ts';

export function ruleIssues(valid: Valid<Configuration>): readonly ConfigIssue[] {
  const { prefect, endpoint, table } = valid;
  const sources = namedParts(valid.sources);
  const routes = namedParts(valid.routes);
  const sourceNames = valid.sources === null ? null : sources.map(({ name }) => name);
  const http = ofType(sources, 'http');
  const sqs = ofType(sources, 'sqs');
  const kafka = ofType(sources, 'kafka');
  return [
    ...(prefect === null ? [] : prefectRules(prefect)),
    ...(table === null ? [] : tableRules(table)),
    ...uniqueSourceRules(http, sqs),
    ...[...http, ...sqs, ...ofType(sources, 'eventbridge')].flatMap(queueRules),
    ...ofType(sources, 'eventbridge').flatMap(eventBridgeRules),
    ...sqs.flatMap(orderRules),
    ...[...sqs, ...kafka].flatMap(filterRules),
    ...kafka.flatMap(kafkaRules),
    ...consumerGroupRules(kafka),
    ...http.flatMap(verifyRules),
    ...http.flatMap(handshakeRules),
    ...http.flatMap(passedHeaderRules),
    ...http.flatMap((source) => respondRules(source, routes)),
    ...(endpoint === null ? [] : endpointRules(endpoint, sources)),
    ...(prefect === null ? [] : sources.flatMap((source) => requestTimeoutRule(source, prefect))),
    ...routes.flatMap((route) => routeRules(route, sourceNames)),
    ...routes.flatMap((route) => headerRules(route, sources)),
    ...routes.flatMap((route) => eventTypeRules(route, sources)),
    ...routes.flatMap((route) => retentionRules(route, sources)),
    ...overflowRules(routes),
    ...unreadSourceRules(sources, routes),
  ];
}

function ofType<Type extends SourceConfiguration['type']>(
  sources: readonly Named<Valid<SourceConfiguration>>[],
  type: Type,
): readonly Named<Valid<Extract<SourceConfiguration, { type: Type }>>>[] {
  return sources.flatMap(({ name, part }) => (part !== null && isOfType(part, type) ? [{ name, part }] : []));
}

function isOfType<Type extends SourceConfiguration['type']>(
  source: Valid<SourceConfiguration>,
  type: Type,
): source is Extract<Valid<SourceConfiguration>, { type: Type }> &
  Valid<Extract<SourceConfiguration, { type: Type }>> {
  return source.type === type;
}

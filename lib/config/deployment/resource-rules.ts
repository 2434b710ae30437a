/**
 * Warnings about stacks that would be too large for CloudFormation, before it refuses them. The counts are those of the
 * construct with alarms and a dashboard; test/infra/source-group.test.ts compares them with templates.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
import { valueAt } from '../../json/value-at.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';

const MAX_RESOURCES = 500;

/** The table, the reconciliation, the endpoint and windows, whatever the number of sources. */
const SHARED = 33;
/** Two attributes of the table and two of its index scale, with a target and a policy each. */
const OF_AUTO_SCALING = 8;
/** A metric that all functions share has an alarm for each ten of them, and there are two such metrics. */
const ALARMS_PER_FUNCTION = 2 / 10;

const PER_SOURCE: Readonly<Record<string, { readonly resources: number; readonly functions: number }>> = {
  http: { resources: 21, functions: 2 },
  eventbridge: { resources: 15, functions: 1 },
  sqs: { resources: 12, functions: 1 },
  // And a mapping for each topic.
  kafka: { resources: 12, functions: 1 },
};

/** A route and the permission for API Gateway to invoke the function. */
const RESOURCES_PER_ROUTE = 2;
const SCHEMES_THAT_ASK: readonly unknown[] = ['meta', 'dropbox', 'okta', 'trello'];

export function resourceRules(root: unknown): readonly ConfigIssue[] {
  const sources = Object.entries(asMap(valueAt(root, ['sources'])));
  const scales = valueAt(root, ['table', 'provisioned']) !== undefined;
  const stacks = Map.groupBy(sources, ([, source]) => groupOf(source));
  return [...stacks].flatMap(([group, members]): ConfigIssue[] => {
    const ofSources = estimateResources(
      members.map(([, source]) => source),
      group === null,
    );
    const count = ofSources + (group === null && scales ? OF_AUTO_SCALING : 0);
    if (count <= MAX_RESOURCES) return [];
    const where = group === null ? 'the main stack' : `the group ${group}`;
    return [
      {
        code: 'too-many-resources',
        at: ['sources'],
        anchor: 'key',
        found: `about ${count} resources in ${where}, of which CloudFormation takes ${MAX_RESOURCES}`,
        fix: 'give sources that are not deployed yet a group: <name>, about 20 to a group, or deploy with -c alarms=false',
      },
    ];
  });
}

export function estimateResources(sources: readonly unknown[], isMainStack: boolean): number {
  const sizes = sources.map((source) => {
    const { resources, functions } = PER_SOURCE[String(valueAt(source, ['type']))] ?? {
      resources: 0,
      functions: 0,
    };
    const topics = valueAt(source, ['topics']);
    // Provisioned pollers invoke an alias.
    const alias = valueAt(source, ['provisioned']) === undefined ? 0 : 1;
    const mappings = Array.isArray(topics) ? topics.length + alias : 0;
    return { resources: resources + mappings + askingRoutes(source) * RESOURCES_PER_ROUTE, functions };
  });
  const functions = sizes.reduce((sum, each) => sum + each.functions, isMainStack ? 2 : 0);
  const resources = sizes.reduce((sum, each) => sum + each.resources, isMainStack ? SHARED : 1);
  return resources + Math.ceil(functions * ALARMS_PER_FUNCTION);
}

/** Routes for requests with which senders ask before they send: OPTIONS, and GET or HEAD. */
function askingRoutes(source: unknown): number {
  const origins = valueAt(source, ['webhookOrigins']);
  const method = valueAt(source, ['handshake', 'method']);
  const scheme = valueAt(source, ['verify', 'scheme']);
  const asks = method === 'GET' || method === 'HEAD' || SCHEMES_THAT_ASK.includes(scheme);
  return (Array.isArray(origins) && origins.length > 0 ? 1 : 0) + (asks ? 1 : 0);
}

function groupOf(source: unknown): string | null {
  const group = valueAt(source, ['group']);
  return typeof group === 'string' ? group : null;
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** What the emulator observed and AWS would enforce (`scripts/stack/emulator/observation.py`). */
import * as z from 'zod';

/** A call with the role of a function: its own calls, and those that Lambda makes on its behalf. */
export interface RecordedCall {
  readonly role: string;
  readonly function: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: number;
  readonly denied: number;
}

/** Another emulator, which the environment names, observes nothing. */
export const OBSERVES = process.env['AWS_ENDPOINT_URL'] === undefined;

const Calls = z.array(
  z.object({
    role: z.string(),
    function: z.string(),
    action: z.string(),
    resource: z.string(),
    allowed: z.number(),
    denied: z.number(),
  }),
);

/** What the role of a deployed function may do. */
export interface DeployedGrants {
  readonly function: string;
  readonly description: string;
  readonly role: string;
  readonly statements: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
}

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const Grants = z.array(
  z.object({
    function: z.string(),
    description: z.string(),
    role: z.string(),
    // Strict: a statement with a condition or NotAction has to be taught to those who compare it.
    statements: z.array(z.strictObject({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })),
  }),
);

const CountsOfFunctions = z.record(z.string(), z.number());

export async function recordedCalls(awsEndpointUrl: string): Promise<readonly RecordedCall[]> {
  return Calls.parse(await observe(awsEndpointUrl, 'calls'));
}

export async function deployedGrants(awsEndpointUrl: string): Promise<readonly DeployedGrants[]> {
  return Grants.parse(await observe(awsEndpointUrl, 'grants'));
}

/** By function: the number of its invocations in the longest chain of requests. */
export async function longestChains(awsEndpointUrl: string): Promise<Readonly<Record<string, number>>> {
  return CountsOfFunctions.parse(await observe(awsEndpointUrl, 'longest-chains'));
}

/** By function: how many invocations were refused as recursive. */
export async function recursiveInvocationsDropped(
  awsEndpointUrl: string,
): Promise<Readonly<Record<string, number>>> {
  return CountsOfFunctions.parse(await observe(awsEndpointUrl, 'recursive-invocations-dropped'));
}

async function observe(awsEndpointUrl: string, subject: string): Promise<unknown> {
  const response = await fetch(`${awsEndpointUrl}/_sluice/${subject}`);
  return response.json();
}

/**
 * What a deployed template says of its routes, in its section `Metadata`: `sluice validate --stack` compares it with a
 * file. Functions do not read it.
 */

/** Each installation in a stack has a member of its own: its prefix, and its name. */
export const METADATA_PREFIX = 'sluice:';

export interface InstallationMetadata {
  /** `<flow>/<deployment>` by the name of the route. */
  readonly routes: Readonly<Record<string, string>>;
}

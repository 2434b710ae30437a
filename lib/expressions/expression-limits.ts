/** How deep the JSON may be nested that expressions yield. Prefect's server fails permanently beyond 255 levels. */

/** Levels of JSON that an expression takes from data or parses: no more than `limits.maxDepth` can allow. */
export const MAX_YIELDED_DEPTH = 200;

/** Levels that an expression builds around them. With an event around its data they stay below 255. */
export const MAX_BUILT_DEPTH = 40;

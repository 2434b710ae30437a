/** What a flow run is given besides its parameters, as the functions read it (see `compiled.ts`). Expressions are CEL. */
export interface CompiledRunOptions {
  /** Null: named after the route and the events. */
  readonly name: string | null;
  /** Each yields a tag, or a list of them. */
  readonly tagExpressions: readonly string[];
  /** Null: the queue of the deployment. */
  readonly workQueue: CompiledWorkQueue | null;
  /** Null: at once. */
  readonly after: CompiledStart | null;
  /** Name of the job variable to what it is. */
  readonly jobVariables: Readonly<Record<string, CompiledJobVariable>>;
}

export type CompiledWorkQueue =
  | { readonly kind: 'fixed'; readonly queue: string }
  | { readonly kind: 'chosen'; readonly expression: string; readonly allow: readonly string[] };

export type CompiledStart =
  | { readonly kind: 'delay'; readonly delaySeconds: number }
  | { readonly kind: 'chosen'; readonly expression: string; readonly atMostSeconds: number };

export interface CompiledJobVariable {
  readonly expression: string;
  /** Null: any text or number. */
  readonly allow: readonly (string | number)[] | null;
}

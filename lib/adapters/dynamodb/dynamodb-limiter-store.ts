import {
  ConditionalCheckFailedException,
  ExecuteStatementCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { hash } from 'node:crypto';
import type { LeaseRequest, LeaseResult, LimiterState, LimiterStore } from '../../budget/budget-ports.ts';
import { INITIAL_CONTROL, type Control } from '../../budget/control.ts';
import { parseJson, isObject } from '../../json/untrusted-json.ts';
import { isTransient } from '../aws/aws-error.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { Item } from './dynamodb-items.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { tableErrorFrom } from './table-error.ts';

export interface DynamoDbLimiterStoreOptions {
  readonly table: DynamoDbTable;
  readonly client: DynamoDBClient;
  /** All functions that talk to this API share one item. */
  readonly apiUrl: string;
}

/**
 * One item for each Prefect API: `pk` is `L#<hash of its URL>`, `t` up to when the budget is spent, `v` the version of
 * the control and `j` its JSON. It never expires. Leases add to `t` where it stands, so that they do not wait for each
 * other; a control is replaced only from its version.
 */
export class DynamoDbLimiterStore implements LimiterStore {
  readonly #table: DynamoDbTable;
  readonly #client: DynamoDBClient;
  readonly #pk: string;
  readonly #busyStatement: string;
  readonly #idleStatement: string;
  readonly #replaceStatement: string;

  constructor({ table, client, apiUrl }: DynamoDbLimiterStoreOptions) {
    this.#table = table;
    this.#client = client;
    this.#pk = `L#${hash('sha256', apiUrl, 'base64url').slice(0, 22)}`;
    const update = `UPDATE "${table.tableName}"`;
    this.#busyStatement = `${update} SET "t" = "t" + ? WHERE "pk" = ? AND "v" = ? AND "t" >= ? AND "t" <= ? RETURNING ALL NEW *`;
    this.#idleStatement = `${update} SET "t" = ? WHERE "pk" = ? AND "v" = ? AND "t" < ? RETURNING ALL NEW *`;
    this.#replaceStatement = `${update} SET "v" = ? SET "j" = ? SET "t" = "t" + ? WHERE "pk" = ? AND "v" = ?`;
  }

  /** @throws TableError */
  async readState(nowEpochMs: number): Promise<LimiterState> {
    const found = await this.#read();
    if (found !== null) return found;
    const pk = { S: this.#pk };
    await this.#table.write([
      insertStatement(this.#table.tableName, {
        pk,
        t: number(nowEpochMs),
        ...controlAttributes(INITIAL_CONTROL),
      }),
    ]);
    return (await this.#read()) ?? { tatEpochMs: nowEpochMs, control: INITIAL_CONTROL };
  }

  /** @throws TableError when the table cannot be used at all. */
  async lease(request: LeaseRequest): Promise<LeaseResult> {
    const { version, costMs, nowEpochMs, latestTatEpochMs, seenTatEpochMs } = request;
    const pk = { S: this.#pk };
    const isBusy = seenTatEpochMs >= nowEpochMs;
    const result = isBusy
      ? await this.#execute(this.#busyStatement, [
          number(costMs),
          pk,
          number(version),
          number(nowEpochMs),
          number(latestTatEpochMs),
        ])
      : await this.#execute(this.#idleStatement, [
          number(nowEpochMs + costMs),
          pk,
          number(version),
          number(nowEpochMs),
        ]);
    switch (result.kind) {
      case 'done':
        // Where the new item is not returned, the latest that it can be is assumed.
        return {
          kind: 'leased',
          tatEpochMs: result.state?.tatEpochMs ?? (isBusy ? latestTatEpochMs : nowEpochMs) + costMs,
        };
      case 'refused':
        return result.state === null ? { kind: 'indeterminate' } : { kind: 'changed', state: result.state };
      case 'indeterminate':
        return { kind: 'indeterminate' };
    }
  }

  /** @throws TableError when the table cannot be used at all. */
  async replaceControl(control: Control, costMs: number): Promise<'replaced' | 'changed' | 'indeterminate'> {
    const { v, j } = controlAttributes(control);
    const parameters = [v, j, number(costMs), { S: this.#pk }, number(control.version - 1)];
    const result = await this.#execute(this.#replaceStatement, parameters);
    if (result.kind === 'done') return 'replaced';
    return result.kind === 'refused' ? 'changed' : 'indeterminate';
  }

  async #read(): Promise<LimiterState | null> {
    return stateOf((await this.#table.read([this.#pk])).get(this.#pk));
  }

  async #execute(
    statement: string,
    parameters: AttributeValue[],
  ): Promise<
    | { readonly kind: 'done' | 'refused'; readonly state: LimiterState | null }
    | { readonly kind: 'indeterminate' }
  > {
    try {
      const { Items: items = [] } = await this.#client.send(
        new ExecuteStatementCommand({
          Statement: statement,
          Parameters: parameters,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { kind: 'done', state: stateOf(items[0]) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { kind: 'refused', state: stateOf(error.Item) };
      }
      if (isTransient(error)) return { kind: 'indeterminate' };
      throw tableErrorFrom('ExecuteStatement', this.#table.tableName, error, false);
    }
  }
}

function number(value: number): { N: string } {
  return { N: String(Math.round(value)) };
}

function controlAttributes(control: Control) {
  return { v: number(control.version), j: { S: JSON.stringify(control) } };
}

function stateOf(item: Item | undefined): LimiterState | null {
  const json = parseJson(item?.['j']?.S ?? '');
  if (item === undefined || !isObject(json)) return null;
  return {
    tatEpochMs: Number(item['t']?.N ?? '0'),
    control: { ...INITIAL_CONTROL, ...json, version: Number(item['v']?.N ?? '1') },
  };
}

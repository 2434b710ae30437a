/** Deletes expired items as DynamoDB's Time to Live does: at any moment after their time, and only if it has not changed. */
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { AwsEndpoint } from '../../../scripts/stack/aws-endpoint.ts';

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Properties: z
        .looseObject({ TimeToLiveSpecification: z.object({ AttributeName: z.string() }).optional() })
        .optional(),
    }),
  ),
});

export class ExpiredItems {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #keyNames: readonly string[];
  readonly #timeAttribute: string;

  private constructor(
    client: DynamoDBClient,
    tableName: string,
    keyNames: readonly string[],
    timeAttribute: string,
  ) {
    this.#client = client;
    this.#tableName = tableName;
    this.#keyNames = keyNames;
    this.#timeAttribute = timeAttribute;
  }

  /** The emulator does not keep the setting of tables that CloudFormation creates, so it is read from the template. */
  static async of(aws: AwsEndpoint, stackName: string, tableName: string): Promise<ExpiredItems> {
    const client = new DynamoDBClient(aws);
    const [{ Table: table }, { TemplateBody: template = '{}' }] = await Promise.all([
      client.send(new DescribeTableCommand({ TableName: tableName })),
      new CloudFormationClient(aws).send(new GetTemplateCommand({ StackName: stackName })),
    ]);
    const keyNames = (table?.KeySchema ?? []).flatMap(({ AttributeName: name }) => name ?? []);
    const { Resources: resources } = Template.parse(JSON.parse(template));
    const [timeAttribute] = Object.values(resources).flatMap(
      ({ Properties: properties }) => properties?.TimeToLiveSpecification?.AttributeName ?? [],
    );
    if (timeAttribute === undefined)
      throw new Error(`The table of the stack ${stackName} has no TTL attribute.`);
    return new ExpiredItems(client, tableName, keyNames, timeAttribute);
  }

  /** A table that is not part of a stack. */
  static ofTable(
    client: DynamoDBClient,
    tableName: string,
    { key, expiry }: { readonly key: string; readonly expiry: string },
  ): ExpiredItems {
    return new ExpiredItems(client, tableName, [key], expiry);
  }

  /** Delete those expired items that `isChosen` chooses. @returns how many were deleted */
  async deleteSome(nowEpochSeconds: number, isChosen: () => boolean): Promise<number> {
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#tableName,
        FilterExpression: '#time < :now',
        ExpressionAttributeNames: { '#time': this.#timeAttribute },
        ExpressionAttributeValues: { ':now': { N: String(nowEpochSeconds) } },
      },
    );
    let deleted = 0;
    for await (const { Items: items = [] } of pages) {
      for (const item of items) {
        if (isChosen() && (await this.#delete(item))) deleted++;
      }
    }
    return deleted;
  }

  async #delete(item: Readonly<Record<string, AttributeValue>>): Promise<boolean> {
    const time = item[this.#timeAttribute];
    if (time === undefined) return false;
    try {
      await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#tableName,
          Key: Object.fromEntries(
            this.#keyNames.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])),
          ),
          ConditionExpression: '#time = :time',
          ExpressionAttributeNames: { '#time': this.#timeAttribute },
          ExpressionAttributeValues: { ':time': time },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

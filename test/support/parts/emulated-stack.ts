/** A stack of plain CloudFormation on the AWS emulator, for tests of the emulator itself. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { awsEndpointAt } from '../../../scripts/stack/aws-endpoint.ts';
import { waitUntil } from '../../../scripts/stack/process.ts';

export class EmulatedStack {
  readonly #cloudFormation: CloudFormationClient;
  readonly #stackName: string;
  #outputs: ReadonlyMap<string, string> = new Map();

  constructor(awsEndpointUrl: string, stackName: string) {
    this.#cloudFormation = new CloudFormationClient(awsEndpointAt(awsEndpointUrl));
    this.#stackName = stackName;
  }

  /** @returns the reasons of CloudFormation, which are empty if the stack was created */
  async create(template: object): Promise<readonly string[]> {
    const { StackId: stackId } = await this.#cloudFormation.send(
      new CreateStackCommand({
        StackName: this.#stackName,
        TemplateBody: JSON.stringify(template),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    let status = '';
    await waitUntil(async () => {
      const { Stacks: [stack] = [] } = await this.#cloudFormation.send(
        new DescribeStacksCommand({ StackName: stackId }),
      );
      status = stack?.StackStatus ?? '';
      this.#outputs = new Map(
        stack?.Outputs?.map(({ OutputKey: name = '', OutputValue: value = '' }) => [name, value]),
      );
      return /_(COMPLETE|FAILED)$/.test(status);
    }, 60_000);
    if (status === 'CREATE_COMPLETE') return [];
    const { StackEvents: events = [] } = await this.#cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: stackId }),
    );
    return events.flatMap(({ ResourceStatusReason: reason }) => reason ?? []);
  }

  output(name: string): string {
    const value = this.#outputs.get(name);
    if (value === undefined) throw new Error(`The stack has no output ${name}.`);
    return value;
  }

  async delete(): Promise<void> {
    await this.#cloudFormation.send(new DeleteStackCommand({ StackName: this.#stackName }));
  }
}

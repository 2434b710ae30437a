/** Questions to a synthesized template. */
import type { Template } from 'aws-cdk-lib/assertions';

type Properties = Readonly<Record<string, unknown>>;

interface TemplateResource {
  readonly Properties?: Properties;
}

/** Properties of all resources of a type, in the template's order. */
export function propertiesOf(template: Template, type: string): readonly Properties[] {
  return Object.values<TemplateResource>(template.findResources(type)).map(
    ({ Properties = {} }) => Properties,
  );
}

export interface AllowStatement {
  /** Sorted. */
  readonly actions: readonly string[];
  /** Intrinsic functions rendered as text: `${Logical.Arn}`, `${AWS::Region}`. */
  readonly resources: readonly string[];
}

interface PolicyProperties {
  readonly PolicyDocument: {
    readonly Statement: readonly {
      readonly Effect: string;
      readonly Action: string | readonly string[];
      readonly Resource: unknown;
    }[];
  };
}

/** What the policies of the roles whose logical id matches allow. */
export function allowStatements(template: Template, logicalId = /./): readonly AllowStatement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => logicalId.test(id))
    .flatMap(([, resource]) => (resource['Properties'] as PolicyProperties).PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Resource }) => ({
      actions: [Action].flat().sort(),
      resources: [Resource].flat().map(renderIntrinsics),
    }));
}

function renderIntrinsics(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return `\${${String(argument)}}`;
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `\${${argument.join('.')}}`;
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(renderIntrinsics).join(String(argument[0]));
  }
  return JSON.stringify(value);
}

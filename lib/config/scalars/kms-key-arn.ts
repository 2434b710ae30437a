/** ARNs of KMS keys. */
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from './scalar.ts';

export const kmsKeyArn = textScalar(
  (text) =>
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-key-arn',
          describeValue(text),
          'write the ARN of the key (not of an alias): arn:aws:kms:<region>:<account>:key/<id>',
        ),
  { title: 'ARN of a KMS key', pattern: '^arn:aws[a-z-]*:kms:' },
);

/** Customer managed KMS keys, beside what they encrypt. */
import { kmsKeyArn } from '../scalars/kms-key-arn.ts';

/** A field of every map that has a `secret`. */
export const secretKmsKey = kmsKeyArn
  .optional()
  .describe(
    'The customer managed KMS key that encrypts the secret: the function is allowed to decrypt with it. Default: the key of AWS, which needs no permission.',
  );

/** A field of SQS sources, for their queue. */
export const queueKmsKey = kmsKeyArn
  .optional()
  .describe(
    'The customer managed KMS key that encrypts the queue: the function is allowed to decrypt with it, and without it reads nothing. Default: SQS itself encrypts the queue (SSE-SQS), which needs no permission.',
  );

/** Names of secrets in AWS Secrets Manager. */
import { InvalidValue, textScalar } from './scalar.ts';

/** A name as Secrets Manager allows it, or an ARN. The value is never repeated: it may be a pasted secret. */
export const secretName = textScalar(
  (text) =>
    /^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(text) ||
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]{1,512}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-secret',
          'a text that is not the name of a secret',
          'store the secret in AWS Secrets Manager, and write its name or its ARN',
        ),
  { title: 'Secret in AWS Secrets Manager', maxLength: 640, examples: ['sluice/prefect'] },
);

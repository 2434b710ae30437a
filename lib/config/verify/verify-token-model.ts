/** The token that an operator enters at a sender, which its handshake has to contain. */
import { secretKmsKey } from '../deployment/kms-key.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';

export const verifyTokenModel = strictMap(
  {
    secret: secretName.describe(
      'A secret with the token of your choice that you enter at the sender: visible ASCII without spaces.',
    ),
    kmsKey: secretKmsKey,
  },
  'The token that the handshake has to contain, compared in constant time.',
);

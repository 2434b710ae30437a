/** The decoding of events of HTTP and SQS sources. */
import { z } from 'zod';

export const format = z
  .enum(['auto', 'json', 'cloudevents', 'text', 'binary'])
  .prefault('auto')
  .describe(
    'How a body is decoded. `auto` goes by the content type and recognizes CloudEvents; the others decide beforehand.',
  );

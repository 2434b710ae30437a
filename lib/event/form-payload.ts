/** Forms whose only field is JSON: GitHub's default content type, and interactions of Slack. */
import type { CompiledSource } from '../compiled-config/compiled.ts';
import { isObject, isString } from '../json/untrusted-json.ts';
import { readContent, type Content, type ContentKind } from './content.ts';
import type { JsonLimits } from './json-value.ts';
import type { Rejected } from './rejection.ts';
import { webhookSenderOf } from './webhook-senders.ts';

/** Read a body; the JSON in a form of a sender that is known to send it so becomes the data. */
export function readContentOrPayload(
  body: Uint8Array | string,
  kind: ContentKind,
  source: CompiledSource,
  limits: JsonLimits,
): Content | Rejected {
  const content = readContent(body, kind, limits);
  if (kind !== 'form' || source.type !== 'http' || content.kind === 'rejected') return content;
  const payload = onlyField(content, webhookSenderOf(source.verify)?.formField);
  return payload === undefined ? content : readContent(payload, 'json', limits);
}

/** Undefined if the form has other fields, or the field more than once. */
function onlyField({ data }: Content, name: string | undefined): string | undefined {
  if (name === undefined || data.kind !== 'json' || !isObject(data.value)) return undefined;
  const [entry, ...more] = Object.entries(data.value);
  const isAlone = entry?.[0] === name && more.length === 0;
  return isAlone && isString(entry[1]) ? entry[1] : undefined;
}

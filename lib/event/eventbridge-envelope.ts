/**
 * Amazon EventBridge (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html): the data is
 * `detail`, everything else becomes an attribute, so that nothing is lost.
 */
import { valueAt } from '../json/value-at.ts';
import { memberTexts } from './cloudevents-json.ts';
import {
  envelopedAttributes,
  invalidEnvelope,
  textOf,
  type EnvelopeJson,
  type ParsedEnvelope,
} from './envelope.ts';
import type { Header } from './header.ts';

export function readEventBridgeEnvelope({ value, members }: EnvelopeJson): ParsedEnvelope {
  const field = (name: string): string | undefined => textOf(valueAt(value, [name]));
  const id = field('id');
  const type = field('detail-type');
  const source = field('source');
  const hasDetail = valueAt(value, ['detail']) !== undefined;
  if (id === undefined || type === undefined || source === undefined || !hasDetail) return { kind: 'other' };
  const detail = memberTexts(members)?.get('detail');
  if (detail === undefined) return invalidEnvelope('eventbridge', 'it has a member twice');

  const replayName = field('replay-name');
  const resources: unknown = valueAt(value, ['resources']);
  const [onlyResource, ...more] = Array.isArray(resources) ? resources.map(textOf) : [];
  const reading = envelopedAttributes('eventbridge', {
    // A replay from an archive keeps the id, but is meant to run the event again.
    id: replayName === undefined ? id : `${id}?replay=${replayName}`,
    // Custom sources are any text; the attribute is a URI-reference.
    source: encodeURI(source),
    type,
    subject: more.length === 0 ? onlyResource : undefined,
    time: field('time'),
    awsaccount: field('account'),
    awsregion: field('region'),
    awsresources: more.length === 0 ? undefined : JSON.stringify(resources),
    awsreplayname: replayName,
  });
  if (reading.kind === 'rejected') return reading;
  return {
    kind: 'contents',
    contents: [
      {
        attributes: reading.attributes,
        text: detail,
        contentType: undefined,
        headers: [
          ...SCALAR_FIELDS.flatMap((name) => headersOf(name, [field(name)])),
          ...headersOf('resources', Array.isArray(resources) ? resources.map(textOf) : []),
        ],
      },
    ],
  };
}

/** A CloudEvent in the detail keeps its own attributes, so what the envelope says is to be found here in any case. */
const SCALAR_FIELDS = ['detail-type', 'source', 'account', 'region'];

function headersOf(name: string, values: readonly (string | undefined)[]): readonly Header[] {
  return values.flatMap((value) => (value === undefined ? [] : [{ name, value }]));
}

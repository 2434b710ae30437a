/** Events in CloudEvents' JSON format, with their data spliced in as received: nothing is printed anew. */
import type { Event, EventData } from './event.ts';

/**
 * One event in structured mode (json-format.md 1.0.2). JSON data keep their text byte for byte, text is a JSON
 * string, bytes are `data_base64`. `decodeRecord` makes the same event of it again.
 */
export function eventToCloudEventJson(event: Event): string {
  let json = `{"specversion":"1.0","id":${quote(event.id)},"source":${quote(event.source)},"type":${quote(event.type)}`;
  if (event.subject !== undefined) json += `,"subject":${quote(event.subject)}`;
  if (event.time !== undefined) json += `,"time":${quote(event.time)}`;
  if (event.datacontenttype !== undefined) json += `,"datacontenttype":${quote(event.datacontenttype)}`;
  if (event.dataschema !== undefined) json += `,"dataschema":${quote(event.dataschema)}`;
  for (const [name, value] of Object.entries(event.extensions))
    json += `,${quote(name)}:${JSON.stringify(value)}`;
  return `${json}${dataMember(event.data)}}`;
}

function dataMember(data: EventData): string {
  switch (data.kind) {
    case 'json':
      return `,"data":${data.text}`;
    case 'text':
      return `,"data":${quote(data.text)}`;
    case 'binary':
      return `,"data_base64":${quote(data.base64)}`;
    case 'none':
      return '';
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}

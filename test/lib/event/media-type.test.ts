import { describe, expect, it } from 'vitest';
import { isJson, isText, isUtf8, parseMediaType } from '../../../lib/event/media-type.ts';

describe('parseMediaType', () => {
  it.each([
    ['application/json', 'application/json', undefined],
    ['Application/JSON; Charset=UTF-8', 'application/json', 'utf-8'],
    ['application/cloudevents+json;charset="utf-8"', 'application/cloudevents+json', 'utf-8'],
    ['text/plain; format=flowed ; charset=us-ascii', 'text/plain', 'us-ascii'],
    [' text/plain ;\tcharset="utf\\-8" ', 'text/plain', 'utf-8'],
    ['application/json;', 'application/json', undefined],
    ['text/plain; x="a;charset=latin1"; charset=utf8', 'text/plain', 'utf8'],
  ])('reads %s', (text, essence, charset) => {
    expect(parseMediaType(text)).toMatchObject({ essence, charset });
  });

  it.each([
    '',
    'json',
    'xyz',
    '/json',
    'application/',
    'application/json charset=utf-8',
    'a/b; c',
    'a/b; c="',
  ])('refuses %s', (text) => {
    expect(parseMediaType(text)).toBeUndefined();
  });

  it('ends soon for parameters made to confuse a matcher', () => {
    expect(parseMediaType(`a/b${' ; '.repeat(100_000)}"`)).toBeUndefined();
  });
});

describe('kinds of media types', () => {
  it.each([
    ['application/json', true, false],
    ['text/json', true, true],
    ['application/vnd.order+json; v=1', true, false],
    ['application/jsonlines', false, false],
    ['text/plain', false, true],
    ['application/xml', false, true],
    ['image/svg+xml', false, true],
    ['application/octet-stream', false, false],
  ])('takes %s for JSON: %s, for text: %s', (text, json, isTextType) => {
    const mediaType = parseMediaType(text);
    expect(mediaType && { json: isJson(mediaType), text: isText(mediaType) }).toEqual({
      json,
      text: isTextType,
    });
  });

  it('takes UTF-8 and its subset for UTF-8, and nothing else', () => {
    const charsets = [
      'text/plain',
      'text/plain;charset=UTF8',
      'text/plain;charset=us-ascii',
      'text/plain;charset=utf-16',
    ];
    expect(charsets.map((text) => parseMediaType(text)).map((type) => type && isUtf8(type))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

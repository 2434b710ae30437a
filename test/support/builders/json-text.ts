/** Arbitrary JSON texts, the awkward ones included: the values that an event may hold and Prefect has to keep. */
import fc from 'fast-check';

/** All that Unicode has but NUL and lone surrogates, which are refused long before Prefect. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !value.includes('\0')),
  fc.constantFrom('{{ 40 + 2 }}', '\u007f', '\u2028', '"\\/', '\ud83d\ude00', '{"__prefect_kind":"json"}'),
  fc.constantFrom('$ref', '{"$ref":"a"}', '{"$sluice":"s3"}', '{"$sluice":"json","value":"[]"}'),
);

const name = fc.oneof(
  { weight: 4, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__prefect_kind',
      '$ref',
      '$sluice',
      '__proto__',
      'constructor',
      'value',
      'toString',
      '',
    ),
  },
);

/** Beyond 2^53 and 2^64, and up to 60 digits. */
const integer = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }).map(String),
  fc.constantFrom('9007199254740993', '18446744073709551616', '-9223372036854775809', '-0', '0'),
);

const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('1e21', '-0.0', '1E5', '0.1', '2.50', '1e308', '5e-324', '1.0'),
);

const templates = fc.constantFrom(
  '{"__prefect_kind":"jinja","template":"{{ 40 + 2 }}"}',
  '{"__prefect_kind":"workspace_variable","variable_name":"secret"}',
  '{"__prefect_kind":{}}',
  '{"__prefect_kind":"json"}',
  '{"$ref":{"block_document_slug":"secret/db-password"}}',
  '{"$ref":"#/$defs/A"}',
  '{"$sluice":"s3","bucket":"other","key":"secret","sha256":""}',
  '{"$sluice":"json","value":"{"}',
);

const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      text.map((value) => JSON.stringify(value)),
      integer,
      float,
      fc.constantFrom('true', 'false', 'null'),
      templates,
    ),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(name, tie('json')), { maxLength: 4, selector: ([field]) => field })
      .map((fields) => `{${fields.map(([field, value]) => `${JSON.stringify(field)}:${value}`).join(',')}}`),
  ),
}));

export const jsonText: fc.Arbitrary<string> = json;

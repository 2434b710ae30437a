import { expect, it } from 'vitest';
import { reachableUrl } from '../../../scripts/stack/aws-endpoint.ts';

const aws = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

it.each([
  'https://a1b2c3.execute-api.us-east-1.amazonaws.com/orders/paid',
  'http://a1b2c3.execute-api.127.0.0.1:4566/orders/paid',
  'http://a1b2c3.execute-api.localhost.localstack.cloud:4566/orders/paid',
])('The API at %s is reached at the address of the emulator.', (apiUrl) => {
  expect(reachableUrl(apiUrl, aws)).toBe(
    'http://127.0.0.1:4566/_aws/execute-api/a1b2c3/$default/orders/paid',
  );
});

it('A URL that is not one of an HTTP API is used as it is.', () => {
  expect(reachableUrl('https://events.example.com/orders', aws)).toBe('https://events.example.com/orders');
});

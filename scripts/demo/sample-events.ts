/** The events that the demo sends: valid ones, duplicates, and invalid ones. */

export interface SampleRequest {
  /** The name of each event in the table. */
  readonly captions: readonly string[];
  readonly contentType: string;
  /** CloudEvents attributes in binary mode. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default: the valid token. */
  readonly bearerToken?: string;
}

export interface SampleMessage {
  readonly caption: string;
  readonly body: string;
}

export interface SampleRecord {
  readonly caption: string;
  readonly key: string;
  readonly value: string;
}

/** Events that are sent at about the same time. */
export interface Wave {
  readonly requests: readonly SampleRequest[];
  readonly messages: readonly SampleMessage[];
  readonly records: readonly SampleRecord[];
}

const JSON_TYPE = 'application/json';

const plainOrder: SampleRequest = {
  captions: ['order 1001, JSON'],
  contentType: JSON_TYPE,
  body: JSON.stringify(order('1001', 'eu', 25.5)),
};

const binaryOrder: SampleRequest = {
  captions: ['order 1004, CloudEvent'],
  contentType: JSON_TYPE,
  headers: {
    'ce-specversion': '1.0',
    'ce-id': 'evt-1004',
    'ce-source': '/shop',
    'ce-type': 'order.paid',
  },
  body: JSON.stringify(order('1004', 'us', 12)),
};

const firstWave: Wave = {
  requests: [
    plainOrder,
    {
      captions: ['order 1002, in a JSON array', 'order 1003, in a JSON array'],
      contentType: JSON_TYPE,
      body: JSON.stringify([order('1002', 'eu', 9.99), order('1003', 'us', 1_200)]),
    },
    binaryOrder,
    {
      captions: ['order 1005, in a batch', 'refund of 1002, in a batch', 'parcel, in a batch'],
      contentType: 'application/cloudevents-batch+json',
      body: JSON.stringify([
        cloudEvent('evt-1005', 'order.paid', order('1005', 'eu', 3)),
        cloudEvent('evt-2002', 'order.refunded', { orderId: '1002', reason: 'zu groß 😞' }),
        cloudEvent('evt-3001', 'parcel.shipped', { parcel: 7 }),
      ]),
    },
    { captions: ['truncated JSON'], contentType: JSON_TYPE, body: '{"orderId": "1006", "region": ' },
    { ...plainOrder, captions: ['order 1001, wrong token'], bearerToken: 'guessed' },
  ],
  messages: [
    { caption: 'order 1007, message', body: JSON.stringify(order('1007', 'eu', 80)) },
    {
      caption: 'refund of 1003, message',
      body: JSON.stringify(cloudEvent('evt-2003', 'order.refunded', { orderId: '1003', reason: 'late' })),
    },
    { caption: 'invalid JSON, message', body: 'order 1008 from eu, please' },
    // The flow expects a string here: Prefect refuses the event, and the rest of its batch must still run.
    { caption: 'order 1009, wrong type', body: JSON.stringify({ ...order('', 'eu', 5), orderId: 1009 }) },
    { caption: 'order 1010, message', body: JSON.stringify(order('1010', 'eu', 44)) },
  ],
  records: [
    orderRecord('order 1011, record', order('1011', 'eu', 18)),
    orderRecord('order 1012, record', order('1012', 'us', 7.25)),
    orderRecord('order 1013, record', order('1013', 'eu', 310)),
    {
      caption: 'refund of 1011, record',
      key: '1011',
      value: JSON.stringify(cloudEvent('evt-2011', 'order.refunded', { orderId: '1011', reason: 'twice' })),
    },
    { caption: 'invalid JSON, record', key: '1014', value: 'order 1014 from eu, please' },
  ],
};

/** Duplicates of the first wave, sent after it has become flow runs so that no lease delays them. */
const duplicates: Wave = {
  requests: [
    { ...plainOrder, captions: ['order 1001, posted again'] },
    { ...binaryOrder, captions: ['order 1004, posted again'] },
  ],
  messages: [
    {
      caption: 'order 1002, again as a message',
      body: JSON.stringify({ ...order('1002', 'eu', 9.99), note: 'resent' }),
    },
    { caption: 'order 1007, again', body: JSON.stringify(order('1007', 'eu', 80)) },
  ],
  records: [
    orderRecord('order 1012, record again', order('1012', 'us', 7.25)),
    orderRecord('order 1001, as a record', order('1001', 'eu', 25.5)),
  ],
};

export const waves: readonly Wave[] = [firstWave, duplicates];

interface Order {
  readonly orderId: string;
  readonly region: string;
  readonly total: number;
}

function order(orderId: string, region: string, total: number): Order {
  return { orderId, region, total };
}

/** Use the order id as the key, so that all records of one order are in one partition. */
function orderRecord(caption: string, data: Order): SampleRecord {
  return { caption, key: data.orderId, value: JSON.stringify(data) };
}

function cloudEvent(id: string, type: string, data: object): object {
  return { specversion: '1.0', id, source: '/shop', type, datacontenttype: JSON_TYPE, data };
}

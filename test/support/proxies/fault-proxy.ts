/** An HTTP proxy in front of a service, in which its owner decides what becomes of each request. */
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';

export type Interference =
  | { readonly kind: 'none' }
  /** The connection ends before the service receives the request. */
  | { readonly kind: 'lose-request' }
  /** The service has done its work, and the connection ends before the response. */
  | { readonly kind: 'lose-response' }
  /** The service has done its work, and the connection stays open without a response. */
  | { readonly kind: 'withhold-response' }
  /** The service does not receive the request, and this is the response. */
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** `kill` runs while the sender waits for the response: before or after the service has done its work. */
  | { readonly kind: 'kill'; readonly when: 'before' | 'after'; readonly kill: () => Promise<void> };

export class FaultProxy {
  readonly url: string;
  /** Decide what becomes of the next request. */
  interfere: () => Interference = () => ({ kind: 'none' });
  requests = 0;
  #serviceUrl = '';
  #inFlight = 0;
  #gate: Promise<null> | null = null;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(): Promise<FaultProxy> {
    const handlers: { handle: ((incoming: IncomingMessage, outgoing: ServerResponse) => void) | null } = {
      handle: null,
    };
    const server = createServer((incoming, outgoing) => handlers.handle?.(incoming, outgoing));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
    const proxy = new FaultProxy(`http://127.0.0.1:${String(address.port)}`, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    handlers.handle = (incoming, outgoing) => {
      void proxy.#handle(incoming, outgoing).catch(() => outgoing.destroy());
    };
    return proxy;
  }

  /** Start a proxy in front of a service that runs already. `interfere` is asked once for each request. */
  static async to(serviceUrl: string, interfere: () => Interference): Promise<FaultProxy> {
    const proxy = await FaultProxy.start();
    proxy.forwardTo(serviceUrl);
    proxy.interfere = interfere;
    return proxy;
  }

  /** Return a URL of the service with the proxy's host and port. */
  urlOf(serviceUrl: string): string {
    return new URL(new URL(serviceUrl).pathname, this.url).href;
  }

  /** Set where requests go. Only its host and port matter. */
  forwardTo(serviceUrl: string): void {
    this.#serviceUrl = serviceUrl;
  }

  /** Let no request through while `action` runs, which begins once the service has responded to all before. */
  async quiesce<Result>(action: () => Promise<Result>): Promise<Result> {
    const gate = Promise.withResolvers<null>();
    this.#gate = gate.promise;
    try {
      while (this.#inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      return await action();
    } finally {
      this.#gate = null;
      gate.resolve(null);
    }
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.requests++;
    const interference = this.interfere();
    if (interference.kind === 'respond') {
      const { status, headers, body } = interference;
      incoming.resume().on('end', () => outgoing.writeHead(status, headers).end(body));
      return;
    }
    if (interference.kind === 'lose-request') {
      incoming.destroy();
      return;
    }
    if (interference.kind === 'kill' && interference.when === 'before') {
      await interference.kill();
      incoming.destroy();
      return;
    }
    while (this.#gate !== null) await this.#gate;
    // The body of a sender that gave up meanwhile never ends, so that the request to the service would not either.
    if (incoming.destroyed) return;
    this.#forward(incoming, outgoing, interference);
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, interference: Interference): void {
    const { method, headers, url = '/' } = incoming;
    this.#inFlight++;
    const upstream = send(new URL(url, this.#serviceUrl), { method, headers }, (response) => {
      if (interference.kind === 'none') {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.on('error', () => outgoing.destroy()).pipe(outgoing);
        return;
      }
      response.resume();
      if (interference.kind === 'lose-response') outgoing.destroy();
      if (interference.kind === 'kill') void interference.kill().finally(() => outgoing.destroy());
    });
    upstream.once('close', () => this.#inFlight--);
    upstream.on('error', () => outgoing.destroy());
    incoming.on('error', () => upstream.destroy()).pipe(upstream);
  }
}

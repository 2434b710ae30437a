/**
 * Wraps `node:http`: counts requests, and kills the process (SIGKILL) before one of them is sent or when its response
 * arrives. Every effect of a function is a request, so this is between any two effects. Import it before the program
 * is loaded.
 */
import http, { type ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

export interface Kill {
  /** The number of the request that is sent, or of the response that arrives, from 1. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** Where to kill the process, and what was counted since `watchRequests`. */
interface Watch {
  readonly kill: Kill | null;
  sent: number;
  received: number;
}

let watch: Watch = { kill: null, sent: 0, received: 0 };

/** Start to count from zero. */
export function watchRequests(kill: Kill | null): { readonly sent: number } {
  watch = { kill, sent: 0, received: 0 };
  return watch;
}

const send = http.request.bind(http) as (...parameters: unknown[]) => ClientRequest;

http.request = (...parameters: unknown[]): ClientRequest => {
  watch.sent++;
  if (isTimeToKill('before', watch.sent)) killProcess();
  return send(...parameters).prependOnceListener('response', () => {
    watch.received++;
    if (isTimeToKill('after', watch.received)) killProcess();
  });
};
syncBuiltinESMExports();

function isTimeToKill(when: Kill['when'], nth: number): boolean {
  return watch.kill?.when === when && watch.kill.nth === nth;
}

function killProcess(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive after SIGKILL');
}

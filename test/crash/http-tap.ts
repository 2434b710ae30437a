/**
 * Sits between a program and `node:http`: counts the requests that leave, and ends the process (SIGKILL) before one of
 * them is sent or when its answer has come. Every effect of a function is a request, so this is between any two effects.
 * It has to be imported before the program is loaded.
 */
import http, { type ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

export interface Kill {
  /** The n-th request that is sent, or the n-th answer that comes; from 1. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** What the tap does from now on, and what it has seen since it was told. */
interface Watch {
  readonly kill: Kill | null;
  sent: number;
  answered: number;
}

let watch: Watch = { kill: null, sent: 0, answered: 0 };

/** Starts to count anew. */
export function watchRequests(kill: Kill | null): { readonly sent: number } {
  watch = { kill, sent: 0, answered: 0 };
  return watch;
}

const send = http.request.bind(http) as (...parameters: unknown[]) => ClientRequest;

http.request = (...parameters: unknown[]): ClientRequest => {
  watch.sent++;
  if (isTimeToDie('before', watch.sent)) die();
  return send(...parameters).prependOnceListener('response', () => {
    watch.answered++;
    if (isTimeToDie('after', watch.answered)) die();
  });
};
syncBuiltinESMExports();

function isTimeToDie(when: Kill['when'], nth: number): boolean {
  return watch.kill?.when === when && watch.kill.nth === nth;
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive after SIGKILL');
}

/** What a fake does to a call: how a real store fails towards its caller. */
export type Fault =
  | 'none'
  /** The request never arrived: nothing is written, the caller cannot know. */
  | 'lost-request'
  /** The request took effect, its answer was lost. */
  | 'lost-answer'
  /** The machinery is broken: the call throws. */
  | 'broken';

export class InjectedFaultError extends Error {
  override readonly name = 'InjectedFaultError';
}

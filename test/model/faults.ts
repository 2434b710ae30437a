/** What may go wrong, and how often: a run of the model spends a budget of faults, in any order and at any moment. */
export interface Faults {
  readonly crash: number;
  /** An effect happened, its answer is lost. */
  readonly lostAnswer: number;
  /** An effect did not happen, and the caller learns nothing. */
  readonly lostRequest: number;
  /** A create request, or a transaction that appends, that lands later, or never. */
  readonly lateRequest: number;
  /** The source delivers again although the first owner is still at work. */
  readonly impatience: number;
  /** The producer sends an event again that was acknowledged. */
  readonly sentTwice: number;
  /** Dead letters, or copies of them that are left, are redriven. */
  readonly redrive: number;
  readonly runDeleted: number;
  readonly recordVanished: number;
  readonly schemaChanged: number;
  readonly deploymentChanged: number;
  /** The route's deployment is deleted and made anew, in another flow. */
  readonly deploymentDeleted: number;
  /** The route goes from windows to single invocations, or back. */
  readonly modeChanged: number;
  /** The route is deployed with other settings, under which it has windows as before. */
  readonly routeChanged: number;
  /** The route is deployed with another deployment and other parameters, or as it was before. */
  readonly contentChanged: number;
  readonly timerLost: number;
  readonly timerDuplicated: number;
  /** A timer comes while the worker that sent it has not yet opened the window. */
  readonly timerEarly: number;
  /** The sweep looks at a window although its timer is there. */
  readonly sweep: number;
  /** A claim has expired by some clock while its window is open. */
  readonly claimExpired: number;
  /** A key is sent again after its retention, when TTL has deleted its claim. */
  readonly keyRecurred: number;
  /** A key is sent again after its retention, while its claim is still there: TTL deletes it at any moment from then on. */
  readonly keyRecurredBeforeTtl: number;
  /** A record that no claim names any more is removed from the table. */
  readonly recordExpired: number;
  /** A closed chunk that no claim names any more is removed from the table. */
  readonly chunkExpired: number;
  /** A window that was closed is removed from the table. */
  readonly windowExpired: number;

  // Against an assumption each (`assumptions.ts`): no promise is kept with these.
  readonly claimVanished: number;
  readonly waitingClaimVanished: number;
  readonly runDeletedUnrecorded: number;
  /** While a late request to create it may still be acted on. */
  readonly runDeletedAwaited: number;
  /** By a late request whose deployment was deleted meanwhile. */
  readonly createdWithoutDeployment: number;
  readonly recordVanishedAfterRun: number;
  readonly chunkVanished: number;
}

export type Fault = keyof Faults;

export const NO_FAULTS: Faults = {
  crash: 0,
  lostAnswer: 0,
  lostRequest: 0,
  lateRequest: 0,
  impatience: 0,
  sentTwice: 0,
  redrive: 0,
  runDeleted: 0,
  recordVanished: 0,
  schemaChanged: 0,
  deploymentChanged: 0,
  deploymentDeleted: 0,
  modeChanged: 0,
  routeChanged: 0,
  contentChanged: 0,
  timerLost: 0,
  timerDuplicated: 0,
  timerEarly: 0,
  sweep: 0,
  claimExpired: 0,
  keyRecurred: 0,
  keyRecurredBeforeTtl: 0,
  recordExpired: 0,
  chunkExpired: 0,
  windowExpired: 0,
  claimVanished: 0,
  waitingClaimVanished: 0,
  runDeletedUnrecorded: 0,
  runDeletedAwaited: 0,
  createdWithoutDeployment: 0,
  recordVanishedAfterRun: 0,
  chunkVanished: 0,
};

/** Null when none of this kind is left. */
export function spend(faults: Faults, fault: Fault): Faults | null {
  return faults[fault] === 0 ? null : { ...faults, [fault]: faults[fault] - 1 };
}

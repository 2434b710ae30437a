/** Sends the dead letters of an invocation, before any of its records is acknowledged. */
import type { CompiledConfig, CompiledSource } from '../compiled-config/compiled.ts';
import { toDeadLetterMessages } from './dead-letter.ts';
import type { EventOutcome } from '../outcome.ts';
import type { Clock, DeadLetterQueue } from '../ports.ts';

export interface DeadLetterContext {
  readonly config: Pick<CompiledConfig, 'hash'>;
  readonly source: Pick<CompiledSource, 'name'>;
  readonly ports: { readonly deadLetters: DeadLetterQueue; readonly clock: Clock };
}

/** Return the outcomes; one whose dead letter could not be stored whole becomes a retry, so that nothing is lost. */
export async function sendDeadLetters(
  outcomes: readonly EventOutcome[],
  { config, source, ports }: DeadLetterContext,
): Promise<readonly EventOutcome[]> {
  const messages: { readonly eventOutcome: EventOutcome; readonly text: string }[] = [];
  for (const each of outcomes) {
    const { record, event, outcome } = each;
    if (outcome.kind !== 'dead-lettered') continue;
    const deadLetter = toDeadLetterMessages({
      source: source.name,
      record,
      outcome,
      eventId: event?.id ?? null,
      configHash: config.hash,
      deadLetteredAtEpochMs: ports.clock.nowEpochMs(),
    });
    messages.push(...deadLetter.map((text) => ({ eventOutcome: each, text })));
  }
  if (messages.length === 0) return outcomes;
  const failed = await ports.deadLetters.sendDeadLetters(messages.map(({ text }) => text));
  const unsent = new Set(failed.map((index) => messages[index]?.eventOutcome));
  return outcomes.map((each) => (unsent.has(each) ? toRetry(each) : each));
}

function toRetry(unsent: EventOutcome): EventOutcome {
  const { outcome } = unsent;
  const route = 'route' in outcome ? { route: outcome.route } : {};
  const detail = 'the dead letter could not be stored';
  return { ...unsent, outcome: { kind: 'retry', ...route, code: 'dead-letter-queue-unavailable', detail } };
}

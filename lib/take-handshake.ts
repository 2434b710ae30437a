/** Take a handshake at an HTTP source: answer it, and never make an event of it. */
import type { CompiledHandshake } from './compiled-config/compiled-handshake.ts';
import { ingestFailure, type IngestFailure } from './ingest-failure.ts';
import { answerHandshake, type HandshakeResult } from './verification/handshake-request.ts';
import type { UnverifiedRequest, VerificationPorts } from './verification/verification.ts';

/** @throws errors that mean a bug or a broken part. */
export async function takeHandshake(
  request: UnverifiedRequest,
  handshake: CompiledHandshake,
  ports: Pick<VerificationPorts, 'secrets' | 'clock'>,
): Promise<HandshakeResult | IngestFailure> {
  try {
    return await answerHandshake(request, handshake, ports);
  } catch (error) {
    return ingestFailure(error);
  }
}

/** An HTTP proxy in front of a server that can lose an answer: the server has done its work, and nobody hears of it. */
import { startTroubledProxy, type TroubledProxy } from './faulty-proxy.ts';

export interface AnswerLosingProxy extends TroubledProxy {
  /** The next request reaches the server, its answer reaches nobody. */
  loseNextAnswer(): void;
}

export async function startAnswerLosingProxy(serverUrl: string): Promise<AnswerLosingProxy> {
  let loseNext = false;
  const proxy = await startTroubledProxy(serverUrl, () => {
    const trouble = loseNext ? 'silence' : 'none';
    loseNext = false;
    return trouble;
  });
  return {
    ...proxy,
    loseNextAnswer: () => {
      loseNext = true;
    },
  };
}

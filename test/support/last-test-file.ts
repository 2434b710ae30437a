/** Runs the test file that judges what all others did after them; the order of the others stays vitest's. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LAST = '/test/e2e/least-privilege.test.ts';

export class LastTestFile extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLast = ({ moduleId }: TestSpecification) => moduleId.endsWith(LAST);
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}

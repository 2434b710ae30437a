import { expect, it } from 'vitest';
import { textTable } from '../../../scripts/demo/text-table.ts';

it('A table is as wide as its widest cells and shows them whole.', () => {
  expect(
    textTable(
      ['id', 'outcome'],
      [
        ['evt-1', 'created'],
        ['2', ''],
      ],
    ),
  ).toBe(['id     outcome', '─────  ───────', 'evt-1  created', '2'].join('\n'));
});

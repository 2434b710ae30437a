/** Mistakes that could be made in a redrive: each must break a promise in the model. */
import type { Mutation } from './mutation.ts';
import type { RedriveSettingName } from './redrive-settings.ts';

export const REDRIVE_MUTATIONS: readonly Mutation<RedriveSettingName>[] = [
  {
    id: 'R1',
    mistake: 'a redrive keeps the id of the batch that is used up',
    breaksUnder: 'a schema that is fixed, and two redrives',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `const batchId = nextBatchId(deploymentRef, this.#context, members, predecessors);`,
        by: `const batchId = predecessors[0] ?? nextBatchId(deploymentRef, this.#context, members, predecessors);`,
      },
    ],
  },
  {
    id: 'R2',
    mistake: 'a redrive takes the dead run that it finds for its own',
    breaksUnder: 'a record that is lost, a redrive and a late request',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `return isRedrive && deadCode !== null;`,
        by: `return isRedrive && deadCode !== null && Date.now() < 0;`,
      },
    ],
  },
  {
    id: 'R6',
    mistake: 'a redrive takes the dead run of a batch of another deployment for its own',
    breaksUnder: 'a redrive for a route whose deployment and parameters change',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `      if (isUsedUp(result.record, context)) return { members, deploymentRef: context.deploymentRef };
      return yield* recordRun(result.record, members, context, ledger);
    case 'deployment-gone':`,
        by: `      return yield* recordRun(result.record, members, context, ledger);
    case 'deployment-gone':`,
      },
    ],
  },
  {
    id: 'R3',
    mistake: 'a redrive moves the claim of an event whose run is alive',
    breaksUnder: 'a redrive, a crash and a lost answer',
    edits: [{ file: 'protocol/dead-members.ts', replace: `record.deadCode !== null && `, by: `` }],
  },
  {
    id: 'R4',
    mistake: 'the dead letter of an earlier death is believed in another window',
    breaksUnder: 'a window, a schema that is fixed, and two redrives',
    edits: [
      {
        file: 'protocol/dead-members.ts',
        replace: ` ||\n      !isPartOf(batchId, installation, windowId)`,
        by: ``,
      },
    ],
  },
  {
    id: 'R5',
    mistake: 'an event that died in its window is a duplicate, since its chunk lists it',
    breaksUnder: 'a window, and a redrive when the route has none',
    edits: [
      {
        file: 'protocol/dead-members.ts',
        replace: `if (death === 'dead-lettered') dead.push(each);`,
        by: `if (death === 'dead-lettered') rest.push(each);`,
      },
    ],
  },
];

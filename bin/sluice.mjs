#!/usr/bin/env node
/** The `sluice` command: checks the version of Node, then runs `cli/sluice.ts`. */
import { requireNode } from './require-node.mjs';

requireNode();
await import('../cli/sluice.ts');

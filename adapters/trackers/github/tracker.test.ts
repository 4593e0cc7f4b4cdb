import { trackerContract } from '../contract.ts';
import { startIssueHost } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startIssueHost);

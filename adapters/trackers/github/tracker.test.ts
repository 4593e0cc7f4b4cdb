import { trackerContract } from '@macadam/testing/trackers/contract';
import { startIssueHost } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startIssueHost);

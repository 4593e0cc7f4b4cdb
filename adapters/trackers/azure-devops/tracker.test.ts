import { trackerContract } from '@macadam/testing/trackers/contract';
import { startAzureDevops } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startAzureDevops);

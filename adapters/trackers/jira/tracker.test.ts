import { trackerContract } from '@macadam/testing/trackers/contract';
import { startJira } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startJira);

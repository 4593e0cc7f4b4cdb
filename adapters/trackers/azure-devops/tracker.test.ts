import { trackerContract } from '../contract.ts';
import { startAzureDevops } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startAzureDevops);

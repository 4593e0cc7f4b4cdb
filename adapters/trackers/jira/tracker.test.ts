import { trackerContract } from '../contract.ts';
import { startJira } from './fake.ts';
import { trackerKind } from './tracker.ts';

trackerContract(trackerKind, startJira);
